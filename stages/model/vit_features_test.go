package model

import (
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestClassBesidePatches: the class token beside the mean of the patches is what the authors of DINOv2
// and Hugging Face give a last layer (testdata/dinov2_features.py), and so are its gradients.
func TestClassBesidePatches(t *testing.T) {
	t.Parallel()
	var all struct {
		Width, Heads int64
		Layers       int
		Cases        map[string]dinov2File
	}
	parity.Read(t, "testdata/dinov2_features.json", &all)
	for name, c := range all.Cases {
		places := grid{width: all.Width, before: 1}
		if c.registers() {
			places.before = 5
		}
		var part Backbone = dinov2{grid: places, heads: all.Heads, layers: all.Layers, says: bothSay, file: registry.Path(c.write(t))}
		if name == "torchvision" {
			part = vit{grid: places, heads: all.Heads, layers: all.Layers, says: bothSay, file: registry.Path(c.write(t))}
		}
		cfg := plain(part, name)
		cfg.Input.Channels, cfg.Pool = 3, registry.One[Pool]{Name: "average", Part: AveragePool{}}
		net, _ := buildAt(t, cfg, preprocess.Shape{Channels: 3, Height: c.Height, Width: c.Width}, Single(2))
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			x := s.FromFloat32(fill("input", []int64{2, 3, int64(c.Height), int64(c.Width)}), 2, 3, int64(c.Height), int64(c.Width))
			s.RequireGrad(x, true)
			features := net.Penultimate(&torch.Pass{Scope: s, Train: true}, x)
			near(t, name+": features", s.Float64s(features), flat(c.Features))
			s.Backward(s.Mean(features))
			tight{}.check(t, "input", s.Float64s(s.Grad(x)), map[string][2]float64{"input": c.Gradient})
			if name == "facebook" || name == "torchvision" { // whose names are the net's
				c.weights(t, s, net)
			}
			return s.Err()
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(all.Cases) != 4 {
		t.Errorf("%d cases", len(all.Cases))
	}
}

// TestClassBesidePooledPatches: the patches are pooled as model.pool says, whose weights are the
// head's; the net is twice as wide behind the class token, which no pooling changes, and whoever
// wants to know where it looked gets the maps of the patches.
func TestClassBesidePooledPatches(t *testing.T) {
	t.Parallel()
	shape := preprocess.Shape{Channels: 3, Height: 32, Width: 48}
	var class []float64
	for _, name := range []string{"average", "max", "gem"} {
		pool, _ := Pools.Default(name)
		cfg := plain(ViTS16{Features: bothSay}, "vit_s_16")
		cfg.Pool = pool
		net, size := buildAt(t, cfg, shape, Single(3))
		if got := size.Outputs[len(size.Outputs)-2]; got != 2*384 {
			t.Errorf("%s: %d features, want twice 384", name, got)
		}
		if _, there := net.Store.Get("head.pool.p"); there != (name == "gem") {
			t.Errorf("%s: an exponent in the head: %v", name, there)
		}
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			x := s.FromFloat32(fill("input", []int64{2, 3, 32, 48}), 2, 3, 32, 48)
			features := s.Float64s(net.Penultimate(&torch.Pass{Scope: s}, x))
			if len(features) != 4*384 || class != nil && !slices.Equal(features[:384], class) {
				t.Errorf("%s: %d features, and another class token: %v", name, len(features), len(features) == 4*384)
			}
			class = features[:384]
			return watched(t, s, net)
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestClassBesidePatchesCounts: a last layer of twice the width, and no other parameter.
func TestClassBesidePatchesCounts(t *testing.T) {
	t.Parallel()
	measure := func(features string) Size {
		size, err := Measure(t.Context(), stage.Env{}, plain(DINOv2[dinov2ViTS14Reg]{Features: features}, "dinov2_vits14_reg"), preprocess.Shape{Channels: 3, Height: 28, Width: 28}, Single(3))
		if err != nil {
			t.Fatal(err)
		}
		return size
	}
	all := func(string) bool { return true }
	if more := measure(bothSay).Count(all) - measure("class").Count(all); more != 3*384 {
		t.Errorf("%d more parameters, want %d", more, 3*384)
	}
}
