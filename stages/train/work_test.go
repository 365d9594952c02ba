package train

import (
	"math"
	"testing"

	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestOperations: what training counts is what is foreseen without it, for what is
// trained, with features (a head over images that stay as they are), without, and in
// batches that are cut into parts.
func TestOperations(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cfg := config(1e-2, phase("head", 2, "head"), phase("all", 1, "all"))
	cfg.Features, cfg.Accumulate = DefaultFeatures, 2
	if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure); err != nil {
		t.Fatal(err)
	}
	size, err := model.Measure(t.Context(), stage.Env{}, model.Config{
		Backbone: registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}},
		Input:    model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}},
	}, b.images.Shape(), model.Single(3))
	if err != nil {
		t.Fatal(err)
	}
	operations, rates := b.seen.values("train", Operations), b.seen.values("train", "images_per_second")
	if len(operations) != 3 {
		t.Fatalf("got %v", operations)
	}
	// the last layer, 8 features to 3 outputs, with its gradient; then 12² places of 9 × 4,
	// 6² of 9 × 4 × 8 and the last layer, thrice but for the gradient by the image
	first, second := 12.*12*9*4, 6.*6*9*4*8
	for epoch, want := range []float64{2 * 24, 2 * 24, 2*first + 3*second + 3*24} {
		if got := operations[epoch] / rates[epoch] * 1e9 / 2; !(math.Abs(got-want) <= 1e-6*want) {
			t.Errorf("epoch %d: %g products an image, want %g", epoch+1, got, want)
		}
	}
	forward, backward := size.Products(0, func(string) bool { return true })
	if float64(forward+backward) != 2*first+3*second+3*24 {
		t.Errorf("foreseen are %d and %d", forward, backward)
	}
}
