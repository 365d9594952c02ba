package model

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// TestPoolsAgreeWithPyTorch compares outputs and gradients with PyTorch's in float64.
func TestPoolsAgreeWithPyTorch(t *testing.T) {
	t.Parallel()
	var all map[string]json.RawMessage // and torch, the version
	parity.Read(t, "testdata/pools.json", &all)
	for _, info := range Pools.Parts() {
		var want struct {
			Output   [][]float64
			Input    []float64
			Exponent *float64
		}
		if err := json.Unmarshal(all[info.Name], &want); err != nil {
			t.Fatalf("%s has no reference: %v", info.Name, err)
		}
		part, _ := Pools.Default(info.Name)
		onCPU(t, func(s *torch.Scope) {
			store := torch.NewStore(s, 1)
			defer store.Free()
			m := part.Part.Build(store.Root(s))
			x := s.FromFloat32(fill("input", []int64{2, 3, 4, 5}), 2, 3, 4, 5)
			s.RequireGrad(x, true)
			y := m.Forward(&torch.Pass{Scope: s, Train: true}, x)
			near(t, info.Name, s.Float64s(y), flat(want.Output))
			s.Backward(s.Times(s.Mean(s.Mul(y, s.FromFloat32(fill("input", []int64{2, 3}), 2, 3))), 6))
			near(t, info.Name+", gradient", s.Float64s(s.Grad(x)), want.Input)
			if (want.Exponent != nil) != (len(store.Parameters) == 1) || torch.Fixed(m) == (want.Exponent != nil) {
				t.Fatalf("%s has %d parameters; fixed is %v", info.Name, len(store.Parameters), torch.Fixed(m))
			}
			if want.Exponent != nil {
				near(t, info.Name+", exponent", s.Float64s(s.Grad(store.Parameters[0].Tensor)), []float64{*want.Exponent})
			}
		})
	}
}

// TestGeMOfNothing: maps that are dark everywhere have a gradient, whatever the exponent.
func TestGeMOfNothing(t *testing.T) {
	t.Parallel()
	onCPU(t, func(s *torch.Scope) {
		store := torch.NewStore(s, 1)
		defer store.Free()
		m := GeM{P: 6, Trained: true}.Build(store.Root(s))
		x := s.Zeros(torch.Float32, 1, 2, 3, 3)
		s.RequireGrad(x, true)
		s.Backward(s.Mean(m.Forward(&torch.Pass{Scope: s, Train: true}, x)))
		s.Fill(store.Parameters[0].Tensor, -2) // decayed
		if y := s.Float64s(m.Forward(&torch.Pass{Scope: s}, s.FromFloat32([]float32{1, 3, 2, 2}, 1, 2, 1, 2))); !(math.Abs(y[0]-2) <= 1e-5) || !(math.Abs(y[1]-2) <= 1e-5) {
			t.Errorf("an exponent below 1 gives %v, want the mean", y)
		}
		for _, g := range append(s.Float64s(s.Grad(x)), s.Float64s(s.Grad(store.Parameters[0].Tensor))...) {
			if math.IsNaN(g) || math.IsInf(g, 0) {
				t.Fatalf("a gradient is %v", g)
			}
		}
	})
}

// TestBackbonesTakePools: each backbone pools its last maps as it is told, and whoever wants
// to know where it looked gets these maps.
func TestBackbonesTakePools(t *testing.T) {
	t.Parallel()
	features := map[string][]float64{}
	for name, pool := range map[string]Pool{"average": AveragePool{}, "gem 1": GeM{P: 1, Trained: true}, "gem 6": GeM{P: 6}, "max": MaxPool{}} {
		cfg := Config{Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4, 5}}}, Pool: registry.One[Pool]{Part: pool}, Input: Input{Channels: 1, Mean: []float64{0.4}, Std: []float64{0.2}}}
		net := buildFor(t, cfg, 1, Single(2))
		if err := net.Engine().Do(t.Context(), func(s *torch.Scope) error {
			p := &torch.Pass{Scope: s, Watch: true}
			s.NoGrad(func() { net.Forward(p, s.FromFloat32(someImages(1), 2, 1, 8, 8)) })
			if got := s.Describe(p.Maps).Shape; len(got) != 4 || got[1] != 5 {
				t.Errorf("%s: maps are %v", name, got)
			}
			features[name] = s.Float64s(net.body[len(net.body)-2].Forward(&torch.Pass{Scope: s}, p.Maps))
			return s.Err()
		}); err != nil {
			t.Fatal(err)
		}
	}
	for i, mean := range features["average"] {
		if gem := features["gem 1"][i]; !(math.Abs(gem-mean) <= 1e-5) {
			t.Errorf("feature %d: GeM of exponent 1 is %v, the mean %v", i, gem, mean)
		}
		if gem, most := features["gem 6"][i], features["max"][i]; gem > most+1e-5 || gem < 0.5*most {
			t.Errorf("feature %d: GeM of exponent 6 is %v, the largest value %v", i, gem, most)
		}
	}
	for _, info := range Backbones.Parts() {
		part, _ := Backbones.Default(info.Name)
		whole := reflect.New(reflect.TypeOf(part.Part)).Elem() // with the patches of transformers, which give maps
		whole.Set(reflect.ValueOf(part.Part))
		if features := whole.FieldByName("Features"); features.IsValid() {
			features.SetString("patches")
		}
		part.Part = whole.Interface().(Backbone)
		o := Sketch(Config{Backbone: part, Pool: registry.One[Pool]{Part: GeM{P: 3, Trained: true}}, Input: Input{Channels: 3}}, Single(2))
		if !o.Holds("head.pool.p") {
			t.Errorf("%s keeps its own pooling", info.Name)
		}
	}
}
