package model

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Size is what a net consists of and needs room for.
type Size struct {
	// Missing is where the weights that the net begins with are not yet; "" when they are
	// there, or drawn.
	Missing string
	// WeightsNote is what was done to them so that they fit.
	WeightsNote string
	Parameters  []ParameterSize
	// Activations is how many numbers the forward pass of one image leaves for
	// the backward pass, in the net's precision, and Places how many places of
	// maxima, of 8 bytes.
	Activations, Places int64
	shares              int64 // of Activations, what fused attention does not keep
	same                int64 // of both, what is kept for the same bits each time alone
	// Outputs is for each layer how many numbers it gives for one image.
	Outputs []int64

	kept   []left     // up to each layer, and last up to the end
	work   torch.Work // for one image
	layers []int      // where each layer's begins
}

// Kept are Activations and Places when the net computes so.
func (s Size) Kept(c Compute) (numbers, places int64) {
	all := left{s.Activations, s.Places, s.shares, s.same}
	if c.Recompute {
		all = s.worst(s.segments(0))
	}
	if c.Deterministic {
		return all.numbers, all.places
	}
	numbers, places = all.numbers-all.between, all.places-all.between
	if torch.HasFusedAttention() {
		numbers -= all.shares
	}
	return numbers, places
}

// Again are the multiply-adds of the forward pass that recomputation does a second time for one
// image, where the outputs of the first layers are there, and so many layers are fixed.
func (s Size) Again(layers, fixed int) int64 {
	begins := s.segments(layers)
	for i, end := range begins[1:] {
		if end > fixed {
			again := s.work[s.layers[begins[i]]:s.layers[begins[len(begins)-1]]]
			return again.Products()
		}
	}
	return 0
}

// Products are the multiply-adds of convolutions and linear layers for one image,
// forward and backward, when weights are trained as selected says and the outputs of the
// first layers are there already. A multiply-add is two operations.
func (s Size) Products(layers int, selected func(name string) bool) (forward, backward int64) {
	from := len(s.work)
	if layers < len(s.layers) {
		from = s.layers[layers]
	}
	return s.work[from:].Count(selected)
}

// LayerSize is what one layer holds and does.
type LayerSize struct {
	Name       string
	Parameters int64 // numbers that may be trained
	Buffers    int64 // and that are not: statistics
	Products   int64 // multiply-adds of the forward pass for one image
	Weights    []string
}

// Layers tells the size apart by layers, of some from stem to head; see LayerNames.
func (s Size) Layers(names []string) []LayerSize {
	out := make([]LayerSize, len(names))
	at := func(parameter string) *LayerSize { return &out[slices.Index(names, Narrowest(names, parameter))] }
	for i, name := range names {
		out[i].Name = name
	}
	for _, p := range s.Parameters {
		if l := at(p.Name); p.Buffer {
			l.Buffers += p.Elements
		} else {
			l.Parameters, l.Weights = l.Parameters+p.Elements, append(l.Weights, p.Name)
		}
	}
	for _, m := range s.work {
		at(m.Weight).Products += m.Products
	}
	return out
}

// ParameterSize is one tensor of a net.
type ParameterSize struct {
	Name     string
	Elements int64
	// Buffer marks what no optimizer touches.
	Buffer bool
}

// Count adds up the parameters that selected says; buffers never train and do
// not count.
func (s Size) Count(selected func(name string) bool) int64 {
	var n int64
	for _, p := range s.Parameters {
		if !p.Buffer && selected(p.Name) {
			n += p.Elements
		}
	}
	return n
}

// Stored is how many numbers the net's file holds: parameters and buffers.
func (s Size) Stored() int64 {
	var n int64
	for _, p := range s.Parameters {
		n += p.Elements
	}
	return n
}

// tryWeights loads the weights that a net begins with, or says where they are missing. Of a run's
// nets of several folds one stands for all.
func (n *Net) tryWeights(s *torch.Scope, cfg Config, env stage.Env) (told, missing string, err error) {
	path := string(cfg.Backbone.Part.File())
	if path == "" {
		return "", "", nil
	}
	if folds := foldsIn(path); env.Fold == 0 && len(folds) > 0 {
		env.Fold = folds[0]
	}
	told, err = n.loadBackbone(s, cfg, env)
	if r, ok := cfg.Release(); ok && errors.Is(err, fs.ErrNotExist) {
		return "", filepath.Join(env.Pretrained, r.File), nil
	}
	return told, "", err
}

// Measure finds out how large a net is. It makes the net without drawing
// weights, on the CPU, and sends one blank image through it. A file of weights is
// read, so that one which does not fit is found; a release that is not in env.Pretrained yet
// is not.
func Measure(ctx context.Context, env stage.Env, cfg Config, shape preprocess.Shape, task Task) (size Size, err error) {
	if cfg, err = cfg.For(shape); err != nil {
		return size, err
	}
	if err := errors.Join(cfg.PlacesFit(shape, task), cfg.Input.SlicesFit(task.Held), cfg.CropFits(shape)); err != nil {
		return size, err
	}
	engine, err := torch.Open(torch.Options{Device: "cpu", Deterministic: true})
	if err != nil {
		return size, err
	}
	n := &Net{engine: engine, input: cfg.Input.spread(), Groups: Groups(cfg), Task: task, precision: torch.FP32}
	err = engine.Do(ctx, func(s *torch.Scope) (err error) {
		if err := n.build(s, torch.NewBlankStore(s), cfg, task); err != nil {
			return err
		}
		if size.WeightsNote, size.Missing, err = n.tryWeights(s, cfg, env); err != nil {
			return err
		}
		for _, p := range n.Store.Parameters {
			size.Parameters = append(size.Parameters, ParameterSize{p.Name, int64(p.Elements()), p.Buffer})
		}
		return n.measurePass(s, shape, &size)
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", cfg.Backbone.Name, err)
	}
	if closing := n.Close(); err == nil {
		err = closing
	}
	return size, err
}

// measurePass sends one blank image through the net and notes what each layer does with it.
func (n *Net) measurePass(s *torch.Scope, shape preprocess.Shape, size *Size) error {
	image := s.Zeros(torch.Float32, 1, int64(shape.Channels), int64(shape.Height), int64(shape.Width))
	before := s.Elements()
	s.NoGrad(func() {
		p := &torch.Pass{Scope: s, Keep: true, Work: &size.work, Covariates: n.CovariateInput(s, n.unknownCovariates(1))}
		x := n.enter(p, image)
		sofar := func() left { return left{s.Elements() - before, p.Places, p.Shares, p.Between} }
		for _, layer := range n.body {
			size.kept = append(size.kept, sofar())
			size.layers = append(size.layers, len(size.work))
			y := layer.Forward(p, x)
			if y != x {
				p.Drop(x)
			}
			x = y
			size.Outputs = append(size.Outputs, int64(s.Describe(x).Elements()))
		}
		p.To(x, torch.Float32)
		size.kept = append(size.kept, sofar())
		size.Places, size.shares, size.same = p.Places, p.Shares, p.Between
	})
	if err := s.Err(); err != nil && !errors.Is(err, torch.ErrOutOfMemory) {
		what := fmt.Sprintf("images of %d × %d pixels", shape.Width, shape.Height)
		if n.volumes {
			what = fmt.Sprintf("volumes of %d × %d × %d places", n.input.Seen(shape, n.Task.Held).Channels/n.Task.rows(), shape.Height, shape.Width)
		}
		return stage.Fault{
			Err:  fmt.Errorf("%s do not get through: %w", what, err),
			Hint: "make them larger in preprocess, such as resize: {pixels: 64}, or take a net that halves them less often",
		}
	}
	size.Activations = s.Elements() - before
	return nil
}
