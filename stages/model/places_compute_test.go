package model

import (
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestMeasureOfPlaces counts by hand what a plain net of three blocks keeps: 3×32×32 in, scaled;
// of each block the convolution and ReLU, since batch-norm's output goes to ReLU alone, and the
// pooling, with as many places; the average twice, as a view. Of the pyramid's 128 channels the sum
// at 8×8 cells, its output, the convolution and ReLU behind it, and of 64 cells and nowhere the
// logits, twice: float32 in every precision.
func TestMeasureOfPlaces(t *testing.T) {
	t.Parallel()
	cfg := Config{Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{2, 3, 4}}}, Input: Default.Input}
	shape := preprocess.Shape{Channels: 3, Height: 32, Width: 32}
	size, err := Measure(t.Context(), stage.Env{}, cfg, shape, placesOf(shape, 1))
	if err != nil {
		t.Fatal(err)
	}
	blocks := 2*(2*1024) + 2*256 + 2*(3*256) + 3*64 + 2*(4*64) + 4*16 + 2*4
	if want := int64(3*1024 + blocks + 4*128*64 + 2*65); size.Activations != want || size.Places != 2*256+3*64+4*16 {
		t.Errorf("got %d numbers and %d places, want %d", size.Activations, size.Places, want)
	}
	// of 3×3 weights, at 1024, 256 and 64 places; 1×1 and 3×3 ones of the pyramid; and nowhere
	products := int64(9*(3*2*1024+2*3*256+3*4*64) + 128*(4*64+4*16) + 2*9*128*128*64 + 128*64 + 4)
	if forward, _ := size.Products(0, func(string) bool { return false }); forward != products {
		t.Errorf("got %d products, want %d", forward, products)
	}
	head := int64(2*(128*4+128) + 9*128*128 + 128 + 9*128*128 + 2*128 + 128 + 1 + 4 + 1)
	if got := size.Count(func(name string) bool { return Selects(TheHead, name) }); got != head {
		t.Errorf("the head has %d parameters, want %d", got, head)
	}
}

// TestFrozenBackboneOfPlaces: where the head alone is trained, no gradient goes through the backbone.
func TestFrozenBackboneOfPlaces(t *testing.T) {
	t.Parallel()
	backbone, _ := Backbones.Default("resnet18")
	cfg := Config{Backbone: backbone, Input: Default.Input}
	shape := preprocess.Shape{Channels: 3, Height: 64, Width: 64}
	size, err := Measure(t.Context(), stage.Env{}, cfg, shape, placesOf(shape, 2))
	if err != nil {
		t.Fatal(err)
	}
	head := func(name string) bool { return Selects(TheHead, name) }
	own := int64(0)
	for _, layer := range size.Layers(LayerNames(Groups(cfg))) {
		if layer.Name == TheHead {
			own = layer.Products
		}
	}
	if _, backward := size.Products(0, head); backward < own || backward > 2*own {
		t.Errorf("the backward pass has %d products, the head %d", backward, own)
	}
	layers, above := Sketch(cfg, placesOf(shape, 2)).Fixed(head, "auto")
	if want := len(size.Outputs) - 1; layers != want || above != TheHead {
		t.Errorf("%d of %d layers are fixed, and then comes %s", layers, want, above)
	}
}

// TestPlacesComputedOtherwise: from features on, and with layers that are computed again, logits
// and gradients have the same bits; with channels last and in bf16 they are near.
func TestPlacesComputedOtherwise(t *testing.T) {
	t.Parallel()
	shape := preprocess.Shape{Channels: 3, Height: 64, Width: 64}
	for _, name := range []string{"resnet18", "convnext_tiny", "swin_t"} {
		backbone, _ := Backbones.Default(name)
		net := buildPlaces(t, plain(backbone.Part, name), shape)
		if err := net.PrepareRecompute(t.Context(), stage.Env{Recorder: stage.Discard}, shape); err != nil {
			t.Fatal(err)
		}
		all := anew{words: []string{All}, precision: torch.FP32}
		want := all.pass(t, net, shape.Width, false)
		if differ := apartIn(all.pass(t, net, shape.Width, true), want); len(differ) > 0 {
			t.Errorf("%s, recomputed: numbers %v of %d differ", name, differ, len(want))
		}
		head := anew{words: []string{TheHead}, precision: torch.FP32}
		seen := head.pass(t, net, shape.Width, false)
		head.features = true
		if differ := apartIn(head.pass(t, net, shape.Width, false), seen); len(differ) > 0 {
			t.Errorf("%s, from features on: numbers %v of %d differ", name, differ, len(seen))
		}
		all.precision = torch.BF16
		if apart := apartBy(all.pass(t, net, shape.Width, false)[0], want[0]); apart == 0 || apart > 0.1 {
			t.Errorf("%s, bf16: logits differ by %g of their size", name, apart)
		}
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error { net.Store.ChannelsLast(s); return s.Err() }); err != nil {
			t.Fatal(err)
		}
		net.channelsLast, all.precision = true, torch.FP32
		for i, got := range all.pass(t, net, shape.Width, false) {
			if apart := apartBy(got, want[i]); !(apart <= 5e-2) {
				t.Errorf("%s, channels last: number %d differs by %g of its size", name, i, apart)
			}
		}
	}
}

// apartBy is how far numbers are apart, by their size.
func apartBy(got, want []float64) float64 {
	apart, norm := 0.0, 0.0
	for i, w := range want {
		apart, norm = apart+(got[i]-w)*(got[i]-w), norm+w*w
	}
	if slices.Equal(got, want) {
		return 0
	}
	return math.Sqrt(apart / norm)
}
