package model

import (
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Stochastic depth is random where something of the branch is trained, and nowhere else:
// over a frozen backbone the head sees the same features in every epoch.
func TestStochasticDepthOfFrozenBlocks(t *testing.T) {
	t.Parallel()
	net := build(t, plain(EfficientNet[efficientnetB0]{StochasticDepth: 0.5}, "efficientnet_b0"))
	err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
		for _, p := range net.Store.Parameters { // as drawn, frozen layers leave nothing of an image
			s.Copy(p.Tensor, s.FromFloat32(fill(p.Name, p.Shape), p.Shape...))
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	logits := func(group string, seed uint64) (out []float64) {
		err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			net.Store.Train(s, func(name string) bool { return Selects(group, name) }, torch.TrainedStatistics)
			x := s.FromFloat32(fill("input", []int64{4, 3, 32, 32}), 4, 3, 32, 32)
			s.NoGrad(func() { out = s.Float64s(net.Forward(&torch.Pass{Scope: s, Train: true, Seed: seed}, x)) })
			return s.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	equal := func(a, b []float64) bool {
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	if !equal(logits(TheHead, 1), logits(TheHead, 2)) {
		t.Error("a frozen backbone draws at random")
	}
	if first := net.FirstRandom(0); first != len(net.body) {
		t.Errorf("layer %d of a frozen backbone draws at random", first)
	}
	if layers := net.Fixed(); layers != len(net.body)-1 {
		t.Errorf("%d of %d layers are fixed, want all but the last", layers, len(net.body))
	}
	drawn := 0 // two seeds may choose the same of four samples
	for seed := range uint64(8) {
		if !equal(logits("features.6.3", seed), logits("features.6.3", 100)) {
			drawn++
		}
	}
	if drawn == 0 {
		t.Error("a trained block with stochastic depth draws nothing")
	}
	if first := net.FirstRandom(0); net.FirstRandom(first) != first || net.FirstRandom(first+1) != len(net.body) {
		t.Errorf("the first layer that draws at random is %d, the next %d", first, net.FirstRandom(first+1))
	}
	if !equal(logits("features.6.3", 3), logits("features.6.3", 3)) {
		t.Error("the seed does not decide")
	}
}

// Files of torchvision's DenseNet have older names.
func TestDenseNetTakesOldNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"features.denseblock4.denselayer16.norm2.running_var": "features.denseblock4.denselayer16.norm.2.running_var",
		"features.denseblock1.denselayer1.conv1.weight":       "features.denseblock1.denselayer1.conv.1.weight",
		"features.transition1.norm.weight":                    "features.transition1.norm.weight",
		"features.norm5.bias":                                 "features.norm5.bias",
	} {
		if got := denseOldName(name); got != want {
			t.Errorf("%s was %s, want %s", name, got, want)
		}
	}
}

// What the backward pass keeps, in millions of numbers, as PyTorch 2.11 does: the sizes of
// what torch.autograd.graph.saved_tensors_hooks sees for an image of 224 pixels, but for
// the weights. It counts the statistics of a batch and the scaled image otherwise. Of the
// transformers it is half of two images', with ViT's attention as a product, softmax and product; of
// DINOv2, ConvNeXt V2, CAFormer and PVT v2 so of timm's nets; of Swin V2 it is one image's, of torchvision's net with
// copies of queries and keys, scales that are multiplied into queries, and sigmoids before these are
// gathered.
func TestActivationsOfBackbones(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]float64{
		"resnet18": 5.550, "resnet50": 21.504, "densenet121": 32.632, "efficientnet_b0": 22.070, "efficientnet_v2_s": 38.597, "convnext_tiny": 27.289, "mobilenet_v3_large": 11.041,
		"regnet_y_400mf": 8.435, "vit_b_16": 35.100, "swin_t": 26.659, "swin_v2_t": 35.716, "caformer_s18": 39.199, "pvt_v2_b2": 41.379, "dinov2_vits14_reg": 26.917, "convnextv2_tiny": 42.357,
	} {
		backbone, _ := Backbones.Default(name)
		size, err := Measure(t.Context(), stage.Env{}, Config{Backbone: backbone, Input: Default.Input}, preprocess.Shape{Channels: 3, Height: 224, Width: 224}, Single(3))
		if err != nil {
			t.Fatal(err)
		}
		got := float64(size.Activations+2*size.Places) / 1e6 // places take 8 bytes
		if got < 0.985*want || got > 1.015*want {
			t.Errorf("%s: %.3f million numbers, PyTorch keeps %.3f", name, got, want)
		}
	}
}
