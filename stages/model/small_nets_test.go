package model

import (
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// smallCase is a file of a small net, and what the reference makes of it (testdata/small_nets.py).
type smallCase struct {
	dinov2File
	Train [][]float64
}

// smallNet is a net of few channels of some family.
type smallNet interface {
	build(p torch.Path, channels int64) (torch.Module, int64)
	groups() []string
}

// smallBackbone is it as a backbone, with what its family knows of files.
type smallBackbone struct {
	net  smallNet
	file registry.Path
}

func (n smallBackbone) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net.build(p, channels)
}
func (n smallBackbone) Groups() []string    { return n.net.groups() }
func (n smallBackbone) File() registry.Path { return n.file }

func (n smallBackbone) OtherNames() []func(string) string {
	if of, ok := n.net.(interface{ OtherNames() []func(string) string }); ok {
		return of.OtherNames()
	}
	return nil
}

func (n smallBackbone) Prepare(d statedict.Dict) statedict.Dict {
	if of, ok := n.net.(interface {
		Prepare(statedict.Dict) statedict.Dict
	}); ok {
		return of.Prepare(d)
	}
	return d
}

func (n smallBackbone) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	if of, ok := n.net.(interface {
		Reorder([]string, map[string]safetensors.Tensor)
	}); ok {
		of.Reorder(names, tensors)
	}
}

// compare loads the file and holds features, in inference and in training, running statistics and
// gradients against the reference, within 1e-4 of their size; of files with other tensors than the
// net's the features alone. The file is told without a word.
func (c smallCase) compare(t *testing.T, net smallNet) {
	t.Helper()
	kept := &events{Recorder: stage.Discard}
	env := stage.Env{Recorder: kept, Device: "cpu", Threads: 1, Seed: 1}
	shape := preprocess.Shape{Channels: 3, Height: c.Height, Width: c.Width}
	built, err := Build(t.Context(), env, plain(smallBackbone{net, registry.Path(c.write(t))}, "small"), shape, Single(2))
	if err != nil {
		t.Error(err)
		return
	}
	defer built.Close()
	if len(kept.texts) > 0 {
		t.Errorf("told %q", kept.texts)
	}
	err = built.engine.Do(t.Context(), func(s *torch.Scope) error {
		sides := []int64{2, 3, int64(c.Height), int64(c.Width)}
		x := s.FromFloat32(fill("input", sides), sides...)
		near(t, "features", s.Float64s(built.Penultimate(&torch.Pass{Scope: s}, x)), flat(c.Features))
		if c.Train == nil {
			return s.Err()
		}
		features := built.Penultimate(&torch.Pass{Scope: s, Train: true}, x)
		near(t, "features in training", s.Float64s(features), flat(c.Train))
		s.Backward(s.Mean(s.Mul(features, features)))
		c.compareWeights(t, s, built, net)
		return s.Err()
	})
	if err != nil {
		t.Error(err)
	}
}

func (c smallCase) compareWeights(t *testing.T, s *torch.Scope, built *Net, net smallNet) {
	t.Helper()
	looked := 0
	for _, p := range built.Store.Parameters {
		if !Selects(BackBone, p.Name) {
			continue
		}
		looked++
		if name := c.named(net, p.Name); p.Buffer {
			c.nearly(t, name, s.Float64s(p.Tensor), c.Buffers)
		} else {
			c.nearly(t, name, s.Float64s(s.Grad(p.Tensor)), c.Gradients)
		}
	}
	if looked != len(c.Buffers)+len(c.Gradients) {
		t.Errorf("the net has %d tensors, the reference %d", looked, len(c.Buffers)+len(c.Gradients))
	}
}

// named is how the file calls a tensor of the net.
func (c smallCase) named(net smallNet, name string) string {
	for _, of := range namings(smallBackbone{net: net}) {
		if _, there := c.Tensors[of(name)]; there {
			return of(name)
		}
	}
	return name
}

// nearly compares norm and probe, which of gradients that are 0 but for rounding are not looked at
// more closely than the largest ones allow.
func (c smallCase) nearly(t *testing.T, name string, values []float64, want map[string][2]float64) {
	t.Helper()
	m, there := want[name]
	if !there {
		t.Errorf("the reference has no %s", name)
		return
	}
	probe, norm := 0.0, 0.0
	for i, factor := range u("probe "+name, len(values)) {
		probe, norm = probe+factor*values[i], norm+values[i]*values[i]
	}
	if limit := 1e-4*m[0] + c.rounding(); !(math.Abs(math.Sqrt(norm)-m[0]) <= limit) || !(math.Abs(probe-m[1]) <= limit) {
		t.Errorf("%s: norm %v, probe %v; the reference has %v", name, math.Sqrt(norm), probe, m)
	}
}

// inOtherWays holds of a small net what other tests hold of those that are registered: layers that are
// computed again give the same bits, bf16 gives about the same, and so do features that are there
// already, bit for bit, where channels lie last.
func inOtherWays(t *testing.T, of smallNet, side int) {
	t.Helper()
	cfg := plain(smallBackbone{net: of}, "small")
	net := build(t, cfg)
	shape := preprocess.Shape{Channels: 3, Height: side, Width: side}
	if err := net.PrepareRecompute(t.Context(), stage.Env{Recorder: stage.Discard}, shape); err != nil {
		t.Fatal(err)
	}
	if n := len(net.measured.segments(0)); n < 2 {
		t.Errorf("%d segment", n)
	}
	w := anew{words: []string{All}, precision: torch.FP32}
	want, got := w.pass(t, net, side, false), w.pass(t, net, side, true)
	if differ := apartIn(got, want); len(differ) > 0 || len(want) < 3 {
		t.Errorf("computed again, of %d tensors, numbers %v differ", len(want), differ)
	}
	w.precision = torch.BF16
	low := w.pass(t, net, side, false)
	norm, apart := 0.0, 0.0
	for i, v := range low[0] {
		norm, apart = norm+want[0][i]*want[0][i], apart+(v-want[0][i])*(v-want[0][i])
	}
	if !(math.Sqrt(apart) < math.Sqrt(norm)) || apart == 0 {
		t.Errorf("bf16 differs by %g of %g", math.Sqrt(apart), math.Sqrt(norm))
	}
	net.precision, net.channelsLast = torch.FP32, true
	err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
		x := s.FromFloat32(fill("input", []int64{2, 3, int64(side), int64(side)}), 2, 3, int64(side), int64(side))
		p, n := &torch.Pass{Scope: s}, len(net.body)
		s.NoGrad(func() {
			want := s.Float64s(net.Forward(p, x))
			for _, layers := range []int{1, 3, n / 2, n - 4, n - 2} {
				if got := s.Float64s(net.FromFeatures(p, net.Features(p, x, layers), layers)); !slices.Equal(got, want) {
					t.Errorf("from layer %d on: got %v, want %v", layers, got, want)
				}
			}
		})
		return s.Err()
	})
	if err != nil {
		t.Error(err)
	}
}
