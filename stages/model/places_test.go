package model

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// placesOf is a task of so many targets on images of a shape.
func placesOf(shape preprocess.Shape, targets int) Task {
	rows, columns := Cells(shape)
	return Task{Targets: targets, Each: rows*columns + 1, Places: true}
}

func TestCells(t *testing.T) {
	t.Parallel()
	if rows, columns := Cells(preprocess.Shape{Height: 64, Width: 256}); rows != 16 || columns != 64 {
		t.Errorf("got %d rows of %d cells", rows, columns)
	}
}

// TestBackbonesFindPlaces: each backbone gives an answer for each cell, about half of the chance at
// first for nowhere, and a gradient for every parameter; or it is refused, and one is named that
// is not. Of each family only nets of up to 40 million parameters do so, for time: larger ones have more of
// the same layers.
func TestBackbonesFindPlaces(t *testing.T) {
	t.Parallel()
	shape, found := preprocess.Shape{Channels: 1, Height: 64, Width: 96}, 0
	for _, info := range Backbones.Parts() {
		backbone, _ := Backbones.Default(info.Name)
		cfg := Config{Backbone: backbone, Input: InputOf(backbone.Part)}
		shape := shape
		_, patches := backbone.Part.(Sized)
		if patches {
			shape.Height, shape.Width = 224, 224 // which are whole numbers of patches, and of cells
		}
		sketch := Sketch(cfg, placesOf(shape, 2))
		_, volumes := backbone.Part.(Volumetric)
		if !volumes && !patches && elementsOf(sketch) > 40e6 {
			continue
		}
		net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 2, Seed: 1}, cfg, shape, placesOf(shape, 2))
		if _, windows := backbone.Part.(MaxViTT); windows { // of a size that takes its time
			if err != nil {
				t.Errorf("%s: %v", info.Name, err)
			} else if err := net.Close(); err != nil {
				t.Error(err)
			}
			continue
		}
		if volumes || patches {
			var fault stage.Fault
			if !errors.As(err, &fault) || !strings.Contains(fault.Hint, "swin_t") {
				t.Errorf("%s: got %v", info.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", info.Name, err)
			continue
		}
		found++
		if names := namesOf(net.Store.Parameters); !slices.Equal(namesOf(sketch.net.Store.Parameters), names) {
			t.Errorf("%s: the outline is not the net, which has %s", info.Name, names)
		}
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error { return trainsPlaces(t, s, net) }); err != nil {
			t.Errorf("%s: %v", info.Name, err)
		}
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	}
	if found == 0 {
		t.Error("no backbone finds places")
	}
}

// elementsOf are the numbers that a net holds.
func elementsOf(sketch Outline) (n int64) {
	for _, p := range sketch.Parameters {
		n += p.Elements
	}
	return n
}

// namesOf are names with shapes.
func namesOf(parameters []*torch.Parameter) (out []string) {
	for _, p := range parameters {
		out = append(out, fmt.Sprint(p.Name, p.Shape, p.Buffer))
	}
	return out
}

// trainsPlaces sends two images of 64 × 96 pixels through a net for two targets, and back.
func trainsPlaces(t *testing.T, s *torch.Scope, net *Net) error {
	t.Helper()
	const rows, columns = 16, 24
	withoutDepth(net.body)
	x := s.FromFloat32(fill("input", []int64{2, 1, 64, 96}), 2, 1, 64, 96)
	logits := net.Forward(&torch.Pass{Scope: s, Train: true, Seed: 1}, x)
	if info := s.Describe(logits); s.Err() != nil || len(info.Shape) != 2 || info.Shape[0] != 2 || info.Shape[1] != 2*(rows*columns+1) || info.DType != torch.Float32 {
		return cmp.Or(s.Err(), fmt.Errorf("logits are %v", info))
	}
	each := s.Reshape(logits, 4, rows*columns+1)
	chances := s.Float64s(s.Softmax(each))
	for i := range 4 {
		if chance := chances[(i+1)*(rows*columns+1)-1]; !(math.Abs(chance-0.5) <= 0.05) {
			t.Errorf("nowhere has a chance of %g", chance)
		}
	}
	s.Backward(s.CrossEntropy(each, s.FromInt64([]int64{0, 384, 100, 7}, 4), torch.Tensor{}, torch.ReduceMean, 0))
	for _, p := range net.Store.Parameters {
		if p.Buffer {
			continue
		}
		if !Selects(TheHead, p.Name) && Narrowest(LayerNames(net.Groups), p.Name) == "" {
			t.Errorf("%s is in no group", p.Name)
		}
		gradient := s.Grad(p.Tensor)
		if square := s.Float64(s.Mean(s.Mul(gradient, gradient))); !(square > 0) || math.IsInf(square, 0) {
			t.Errorf("%s: squares of gradients have the mean %g", p.Name, square)
		}
	}
	return s.Err()
}

// withoutDepth turns stochastic depth off, by which a branch may be left out for all images.
func withoutDepth(layers torch.Sequence) {
	for i, m := range layers {
		switch m := m.(type) {
		case skip:
			m.depth.P = 0
			layers[i] = m
		case pyramid:
			for _, l := range m.levels {
				withoutDepth(l.layers)
			}
		}
	}
}

// TestPlacesRefuse: what does not go with places is named, before anything is made.
func TestPlacesRefuse(t *testing.T) {
	t.Parallel()
	good := preprocess.Shape{Channels: 3, Height: 64, Width: 64}
	base := Config{Backbone: Default.Backbone, Input: Default.Input}
	if err := Default.PlacesFit(good, placesOf(good, 2)); err != nil {
		t.Errorf("the default: %v", err)
	}
	for want, change := range map[string]func(c *Config, shape *preprocess.Shape, task *Task){
		"images of 96 × 80 pixels: a net that finds places wants sides that are multiples of 32": func(_ *Config, shape *preprocess.Shape, task *Task) {
			shape.Height, shape.Width = 80, 96
			*task = placesOf(*shape, 2)
		},
		"images of 0 × 64 pixels": func(_ *Config, shape *preprocess.Shape, _ *Task) { shape.Width = 0 },
		"a target has 256 outputs, and the 16 × 16 cells of an image of 64 × 64 pixels and nowhere are 257": func(_ *Config, _ *preprocess.Shape, task *Task) { task.Each = 256 },
		"goes without views or slices":   func(_ *Config, _ *preprocess.Shape, task *Task) { task.Slices = 3 },
		"goes without covariates":        func(_ *Config, _ *preprocess.Shape, task *Task) { task.Covariates = stage.Covariates{{}} },
		"goes without targets that have": func(_ *Config, _ *preprocess.Shape, task *Task) { task.Own = []int{257, 257} },
		"goes without layers of model.head": func(c *Config, _ *preprocess.Shape, _ *Task) {
			c.Head = []registry.One[Layer]{{Name: "dense", Part: Dense{Units: 7}}}
		},
		"goes without pool: max": func(c *Config, _ *preprocess.Shape, _ *Task) {
			c.Pool = registry.One[Pool]{Name: "max", Part: MaxPool{}}
		},
		"goes without last: shared": func(c *Config, _ *preprocess.Shape, _ *Task) { c.Last = "shared" },
		"convnet has no maps of a quarter": func(c *Config, _ *preprocess.Shape, _ *Task) {
			c.Backbone = registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4}}}
		},
		"vit_s_16 has no maps of a quarter": func(c *Config, _ *preprocess.Shape, _ *Task) { c.Backbone, _ = Backbones.Default("vit_s_16") },
		"r3d_18 sees volumes":               func(c *Config, _ *preprocess.Shape, _ *Task) { c.Backbone, _ = Backbones.Default("r3d_18") },
	} {
		cfg, shape, task := base, good, placesOf(good, 2)
		change(&cfg, &shape, &task)
		_, built := Blank(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu"}, cfg, shape, task)
		_, measured := Measure(t.Context(), stage.Env{}, cfg, shape, task)
		for _, err := range []error{built, measured} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("want %s; got %v", want, err)
			}
		}
	}
}
