package model

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func poolingOf(name string, p Pooling) registry.One[Pooling] {
	return registry.One[Pooling]{Name: name, Part: p}
}

// pools are those that testdata/slices.py computes.
var pools = map[string]Pooling{
	"mean": MeanOfSlices{}, "max": MaxOfSlices{},
	"attention":               Attention{Units: 7, Gated: true, Branches: 1},
	"attention, two branches": Attention{Units: 7, Branches: 2},
	"lstm":                    LSTM{Units: 6, Layers: 2, Bidirectional: true, Pool: poolingOf("attention", Attention{Units: 5, Gated: true, Branches: 1})},
	"lstm, forwards":          LSTM{Units: 6, Layers: 1, Pool: poolingOf("max", MaxOfSlices{})},
	"transformer":             Transformer{Units: 8, Layers: 2, Heads: 4, Pool: poolingOf("mean", MeanOfSlices{})},
}

// TestPoolingsAgreeWithPyTorch compares outputs and gradients with torch.nn's in float64.
func TestPoolingsAgreeWithPyTorch(t *testing.T) {
	t.Parallel()
	type reference struct {
		Output    [][]float64
		Gradients map[string][2]float64
	}
	var all map[string]json.RawMessage // and torch, the version
	parity.Read(t, "testdata/slices.json", &all)
	for _, part := range Poolings.Parts() {
		if _, ok := all[part.Name]; !ok {
			t.Errorf("%s: no reference was made for it", part.Name)
		}
	}
	for name, pool := range pools {
		var want reference
		if err := json.Unmarshal(all[name], &want); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		onCPU(t, func(s *torch.Scope) {
			store := torch.NewStore(s, 1)
			defer store.Free()
			m, out := pool.Build(store.Root(s), 5, 12)
			if out != int64(len(want.Output[0])) {
				t.Errorf("%s: %d features come out, want %d", name, out, len(want.Output[0]))
			}
			for _, p := range store.Parameters {
				s.Copy(p.Tensor, s.FromFloat32(fillWith(p.Name, p.Shape, 6), p.Shape...))
			}
			x := s.FromFloat32(fill("input", []int64{3, 5, 12}), 3, 5, 12)
			s.RequireGrad(x, true)
			y := m.Forward(&torch.Pass{Scope: s, Train: true}, x)
			near(t, name, s.Float64s(y), flat(want.Output))
			probe := s.FromFloat32(fill("input", []int64{3, out}), 3, out)
			s.Backward(s.Times(s.Mean(s.Mul(y, probe)), float64(3*out)))
			got := map[string][]float64{"input": s.Float64s(s.Grad(x))}
			for _, p := range store.Parameters {
				got[p.Name] = s.Float64s(s.Grad(p.Tensor))
			}
			if len(got) != len(want.Gradients) {
				t.Errorf("%s has %d parameters, PyTorch's %d", name, len(got)-1, len(want.Gradients)-1)
			}
			for of, values := range got {
				marksNear(t, name+", gradient of "+of, values, u("probe "+of, len(values)), want.Gradients[of])
			}
			if torch.Fixed(m) != (len(store.Parameters) == 0) || torch.Random(m) {
				t.Errorf("%s: fixed is %v and random %v", name, torch.Fixed(m), torch.Random(m))
			}
		})
	}
}

func onCPU(t *testing.T, work func(*torch.Scope)) {
	t.Helper()
	engine, err := torch.Open(torch.Options{Device: "cpu", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	if err := engine.Do(t.Context(), func(s *torch.Scope) error { work(s); return s.Err() }); err != nil {
		t.Fatal(err)
	}
}

// marksNear compares norm and probe.
func marksNear(t *testing.T, what string, values, probe []float64, want [2]float64) {
	t.Helper()
	var squares, along float64
	for i, v := range values {
		squares, along = squares+v*v, along+v*probe[i]
	}
	norm := math.Sqrt(squares)
	if !(math.Abs(norm-want[0]) <= 1e-4*(1+want[0])) || !(math.Abs(along-want[1]) <= 1e-4*(1+want[0])) {
		t.Errorf("%s: norm %v and probe %v, want %v", what, norm, along, want)
	}
}

// TestSlicesGoOneByOne: the features behind the pooling are those of the backbone's features
// of each slice alone, pooled; features of any first layers go on to the same outputs.
func TestSlicesGoOneByOne(t *testing.T) {
	t.Parallel()
	for name, pool := range pools {
		for _, views := range []int{1, 2} {
			cfg := Config{
				Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4, 5}}}, Views: "shared", SliceChannels: 1,
				Slices: &registry.One[Pooling]{Name: name, Part: pool}, Input: Input{Channels: 3, Mean: []float64{0.4}, Std: []float64{0.2}},
			}
			checkSlices(t, name, cfg, Task{Views: views, Slices: 3, Targets: 2, Each: 3}, 3)
		}
	}
}

// TestSlicesSeeTheirNeighbours: with slice_channels each slice has those beside it, the
// outermost repeated.
func TestSlicesSeeTheirNeighbours(t *testing.T) {
	t.Parallel()
	cfg := Config{
		Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4}}}, SliceChannels: 3,
		Slices: &registry.One[Pooling]{Name: "max", Part: MaxOfSlices{}}, Input: Input{Channels: 3, Mean: []float64{0.4}, Std: []float64{0.2}},
	}
	for stacks, of := range map[int][]int{
		1: {0, 0, 1, 0, 1, 2, 1, 2, 3, 2, 3, 3},
		2: {0, 0, 1, 0, 1, 1, 2, 2, 3, 2, 3, 3}, // those of another view are no neighbours
		4: {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3},
	} {
		checkFeatures(t, buildFor(t, cfg, 4, Task{Slices: 4, Stacks: stacks, Targets: 1, Each: 2}), 4, of)
	}
	if _, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu"}, cfg, preprocess.Shape{Channels: 8, Height: 8, Width: 8}, Task{Slices: 4, Targets: 1, Each: 2}); err == nil || !strings.Contains(err.Error(), "slices have 2 channels") {
		t.Errorf("slices of two channels beside others: %v", err)
	}
}

func buildFor(t *testing.T, cfg Config, channels int, task Task) *Net {
	t.Helper()
	env := stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 1, Seed: 3}
	net, err := Build(t.Context(), env, cfg, preprocess.Shape{Channels: channels, Height: 8, Width: 8}, task)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	return net
}

func checkSlices(t *testing.T, name string, cfg Config, task Task, each int) {
	t.Helper()
	channels := max(1, task.Views) * task.Slices
	net := buildFor(t, cfg, channels, task)
	if err := net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		s.NoGrad(func() {
			p := &torch.Pass{Scope: s}
			images_BCHW := s.FromFloat32(someImages(channels), 2, int64(channels), 8, 8)
			want := s.Float64s(net.Forward(p, images_BCHW))
			for layers := 1; layers <= len(net.body); layers++ {
				features_B := net.Features(p, images_BCHW, layers)
				if shape := s.Describe(features_B).Shape; shape[0] != 2 {
					t.Errorf("%s: features of %d layers are %v, want a row for each of two samples", name, layers, shape)
				}
				if got := s.Float64s(net.FromFeatures(p, features_B, layers)); !slices.Equal(got, want) {
					t.Errorf("%s: from %d layers on: %v, want %v", name, layers, got, want)
				}
			}
		})
		return s.Err()
	}); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var alone []int
	for slice := range channels {
		alone = append(alone, slice)
	}
	checkFeatures(t, net, channels, alone)
	size, err := Measure(t.Context(), stage.Env{}, cfg, preprocess.Shape{Channels: channels, Height: 8, Width: 8}, task)
	if err != nil {
		t.Fatal(err)
	}
	if outline := Sketch(cfg, task); len(size.Outputs) != len(net.body) || len(outline.net.body) != len(net.body) || len(outline.Parameters) != len(net.Store.Parameters) {
		t.Errorf("%s: %d layers were measured and %d outlined, of %d", name, len(size.Outputs), len(outline.net.body), len(net.body))
	}
	for _, p := range net.Store.Parameters {
		if strings.Contains(p.Name, "slices") && !Selects(TheHead, p.Name) {
			t.Errorf("%s: %s is not of the head", name, p.Name)
		}
	}
}

func someImages(channels int) []float32 {
	pixels := make([]float32, 2*channels*8*8)
	for i := range pixels {
		pixels[i] = float32(stage.Hash(1, "pixel", i)%1000) / 1000
	}
	return pixels
}

// checkFeatures holds what the pooling takes in against the backbone's features of single
// slices; channels lists those of one after the other.
func checkFeatures(t *testing.T, net *Net, channels int, of []int) {
	t.Helper()
	at := slices.IndexFunc(net.body, func(m torch.Module) bool { _, ok := m.(pooled); return ok })
	if at < 0 {
		t.Fatal("the net pools no slices")
	}
	each := len(of) / net.Task.rows()
	if err := net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		s.NoGrad(func() {
			p := &torch.Pass{Scope: s}
			images_BCHW := s.FromFloat32(someImages(channels), 2, int64(channels), 8, 8)
			got := s.Float64s(net.Features(p, images_BCHW, at))
			alone := *net
			alone.Task.Views, alone.Task.Slices, alone.Task.Stacks, alone.beside = 1, 1, 1, 1
			features := len(got) / 2 / net.Task.rows()
			for row := range net.Task.rows() {
				one := s.Float64s(alone.through(p, alone.body[:at], alone.enter(p, s.Columns(images_BCHW, of[row*each:][:each]))))
				for b := range 2 {
					for f := range features {
						if g, w := got[(b*net.Task.rows()+row)*features+f], one[b*features+f]; !(math.Abs(g-w) <= 1e-6) {
							t.Errorf("sample %d, slice %d, feature %d: %v, want %v", b, row, f, g, w)
						}
					}
				}
			}
		})
		return s.Err()
	}); err != nil {
		t.Fatal(err)
	}
}

// TestPoolingsComputeInFloat32: autocast around the net changes no bit of a pooling.
func TestPoolingsComputeInFloat32(t *testing.T) {
	t.Parallel()
	for name, pool := range pools {
		onCPU(t, func(s *torch.Scope) {
			store := torch.NewStore(s, 1)
			defer store.Free()
			m, _ := pool.Build(store.Root(s), 5, 12)
			rows := s.FromFloat32(fill("input", []int64{15, 12}), 15, 12)
			pass := func() torch.Tensor { return pooled{m, 5}.Forward(&torch.Pass{Scope: s}, rows) }
			plain, cast := pass(), s.Autocast(torch.BF16, pass)
			if !slices.Equal(s.Float32s(plain), s.Float32s(cast)) || s.Describe(cast).DType != torch.Float32 {
				t.Errorf("%s gives other numbers under autocast", name)
			}
		})
	}
}

// TestBlind: pooling that does not see the order of slices is known for it.
func TestBlind(t *testing.T) {
	t.Parallel()
	for name, pool := range pools {
		cfg := Config{
			Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4}}}, SliceChannels: 1,
			Slices: &registry.One[Pooling]{Name: name, Part: pool}, Input: Input{Channels: 1, Mean: []float64{0.4}, Std: []float64{0.2}},
		}
		net := buildFor(t, cfg, 3, Task{Slices: 3, Targets: 1, Each: 2})
		if err := net.Engine().Do(t.Context(), func(s *torch.Scope) error {
			s.NoGrad(func() {
				p, blind := &torch.Pass{Scope: s}, true
				x := s.FromFloat32(someImages(3), 2, 3, 8, 8)
				turned := s.Float64s(net.Forward(p, s.Columns(x, []int{2, 1, 0})))
				for i, v := range s.Float64s(net.Forward(p, x)) {
					blind = blind && math.Abs(v-turned[i]) < 1e-6
				}
				if cfg.Blind() != blind {
					t.Errorf("%s sees no order: got %v, want %v", name, cfg.Blind(), blind)
				}
			})
			return s.Err()
		}); err != nil {
			t.Fatal(err)
		}
		if cfg.SliceChannels = 3; cfg.Blind() {
			t.Errorf("%s with neighbours sees no order", name)
		}
	}
}
