package model

import (
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// anew is one way in which a net is trained.
type anew struct {
	words      []string // that are trained; of none the upper half
	statistics torch.Statistics
	precision  torch.Precision
	features   bool // what lies below the first trained layer is there already
}

// TestRecomputedPassesAreTheSame: logits, gradients and statistics have the same bits where
// layers are computed again, with dropout and stochastic depth, in all kinds of nets: all
// trained, the upper half alone, with statistics that move below what is trained, from features
// on, and in bf16.
func TestRecomputedPassesAreTheSame(t *testing.T) {
	t.Parallel()
	all := []string{All}
	ways := map[string]anew{
		"all": {words: all, precision: torch.FP32}, "upper half, from features on": {precision: torch.FP32, features: true},
		"upper half": {precision: torch.FP32}, "upper half, moving statistics": {precision: torch.FP32, statistics: "training"}, "bf16": {words: all, precision: torch.BF16},
	}
	for _, name := range []string{"resnet18", "convnet", "densenet121", "efficientnet_b0", "convnext_tiny", "mobilenet_v3_large", "regnet_y_400mf", "vit_s_16", "dinov2_vits14_reg", "swin_t", "swin_v2_t", "mc3_18"} {
		side := 32
		if backbone, _ := Backbones.Default(name); name == "vit_s_16" || name == "dinov2_vits14_reg" {
			side = int(sideFor(backbone.Part)) // built for these
		}
		net := segmented(t, name, side)
		for way, w := range ways {
			if name != "resnet18" && way != "all" && !w.features {
				continue // how nets are cut does not depend on it
			}
			if w.words == nil {
				w.words = append(From(net.Groups, len(Blocks(net.Groups))/2), TheHead)
			}
			want, got := w.pass(t, net, side, false), w.pass(t, net, side, true)
			if differ := apartIn(got, want); len(differ) > 0 || len(got) != len(want) || len(want) < 3 {
				t.Errorf("%s, %s: of %d tensors, numbers %v differ", name, way, len(want), differ)
			}
		}
	}
}

// segmented is a net with dropout before its last layer, and with several segments.
func segmented(t *testing.T, name string, side int) *Net {
	t.Helper()
	backbone, _ := Backbones.Default(name)
	cfg := Config{Backbone: backbone, Input: InputOf(backbone.Part), Head: []registry.One[Layer]{{Name: "dropout", Part: Dropout{P: 0.5}}}}
	channels := cfg.Input.Channels
	if cfg.Volumetric() {
		channels = 8
	}
	net := builtWith(t, "cpu", cfg, channels)
	if err := net.PrepareRecompute(t.Context(), stage.Env{Recorder: stage.Discard}, preprocess.Shape{Channels: channels, Height: side, Width: side}); err != nil {
		t.Fatal(err)
	}
	if n := len(net.measured.segments(0)); n < 2 {
		t.Errorf("%s: %d segment", name, n)
	}
	return net
}

// pass gives logits, gradients and statistics of one pass.
func (w anew) pass(t *testing.T, net *Net, side int, again bool) (out [][]float64) {
	t.Helper()
	channels := int64(3)
	if net.volumes {
		channels = 8
	}
	err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
		for _, p := range net.Store.Parameters {
			if p.Buffer {
				s.Copy(p.Tensor, s.FromFloat32(fill(p.Name, p.Shape), p.Shape...))
			}
		}
		net.precision = w.precision
		net.Store.Train(s, func(name string) bool { return Narrowest(w.words, name) != "" }, w.statistics)
		s.ClearGrads(net.Trained())
		shape := []int64{3, channels, int64(side), int64(side)}
		x, from := s.FromFloat32(fill("input", shape), shape...), 0
		if w.features {
			from = net.Fixed()
			s.NoGrad(func() { x = net.Features(&torch.Pass{Scope: s, Train: true, Seed: 3}, x, from) })
		}
		logits, backward := net.either(&torch.Pass{Scope: s, Train: true, Seed: 3}, x, from, again)
		s.Backward(s.CrossEntropy(logits, s.FromInt64([]int64{0, 1, 2}, 3), torch.Tensor{}, torch.ReduceMean, 0))
		backward()
		out = append(out, s.Float64s(logits))
		for _, p := range net.Store.Parameters {
			switch {
			case p.Buffer:
				out = append(out, s.Float64s(p.Tensor))
			case p.Trainable:
				out = append(out, s.Float64s(s.Grad(p.Tensor)))
			}
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// either sends x through the net from a layer on, with layers that are computed again or without.
func (n *Net) either(p *torch.Pass, x torch.Tensor, from int, again bool) (logits torch.Tensor, backward func()) {
	switch {
	case again:
		logits, r := n.ForwardRecomputed(p, x, from)
		return logits, r.Backward
	case from > 0:
		return n.FromFeatures(p, x, from), func() {}
	}
	return n.Forward(p, x), func() {}
}

// apartIn lists the tensors that differ.
func apartIn(got, want [][]float64) (differ []int) {
	for i := range want {
		if i >= len(got) || !slices.Equal(got[i], want[i]) {
			differ = append(differ, i)
		}
	}
	return differ
}

// TestRecomputeNeedsLess: what check foresees of memory, beside what torch.utils.checkpoint's users
// expect: a ResNet-50 keeps less than half.
func TestRecomputeNeedsLess(t *testing.T) {
	t.Parallel()
	backbone, _ := Backbones.Default("resnet50")
	_, size := measured(t, backbone)
	again := DefaultCompute
	again.Recompute = true
	most, _ := size.Kept(DefaultCompute)
	numbers, places := size.Kept(again)
	if numbers >= most/2 || numbers <= most/10 || places > numbers {
		t.Errorf("%d numbers and %d places in place of %d", numbers, places, most)
	}
	forward, _ := size.Products(0, func(string) bool { return false })
	if twice := size.Again(0, 0); twice < forward/2 || twice >= forward {
		t.Errorf("%d of %d products are done again", twice, forward)
	}
	if none := size.Again(0, len(size.Outputs)-1); none != 0 {
		t.Errorf("of a net whose head alone is trained %d", none)
	}
}
