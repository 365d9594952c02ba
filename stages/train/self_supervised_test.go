package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// alike is the mean squared difference of two views of an image that stand side by side, less what
// keeps all from becoming 0. It keeps what it was shown.
type alike struct{ shown *[][]float64 }

func (alike) Views() int      { return 2 }
func (alike) Outputs(int) int { return 3 }

func (alike) Settings() string { return "alike: {}\n" }

func (a alike) Of(s *torch.Scope, z_NP torch.Tensor, t Targets) torch.Tensor {
	if t.Labels_B.Valid() || t.Shares_BK.Valid() {
		panic("a label was asked for")
	}
	shape := s.Describe(z_NP).Shape
	pairs := s.Reshape(z_NP, shape[0]/2, 2, shape[1])
	apart := s.Sub(s.Select(pairs, 1, 0), s.Select(pairs, 1, 1))
	if a.shown != nil {
		*a.shown = append(*a.shown, s.Float64s(apart))
	}
	return s.Mean(s.Mul(apart, apart))
}

func selfSupervised(loss alike, epochs int) Config {
	cfg := config(1e-3, phase("all", epochs, "all"))
	cfg.Loss, cfg.Batch, cfg.Monitor = registry.One[Loss]{Name: "alike", Part: loss}, 8, "train.loss"
	return cfg.Within("pretrain")
}

// TestViewsStandSideBySide: a batch shows each image as often as the loss compares it, each time
// augmented otherwise, and a batch that is not full is left out.
func TestViewsStandSideBySide(t *testing.T) {
	b := newBench(t)
	shown := [][]float64{}
	recipe := augment.Config{{Name: "shift", Part: augment.Shift{By: 0.3, When: augment.Always}}}
	if _, err := Run(t.Context(), b.env, selfSupervised(alike{&shown}, 2), b.net, b.images, recipe, measure); err != nil {
		t.Fatal(err)
	}
	images := len(indices(b.images, stage.Train))
	if want := 2 * (2 * images / 8); len(shown) != want {
		t.Errorf("%d batches of %d images, want %d", len(shown), images, want)
	}
	for i, apart := range shown {
		if len(apart) != 4*3 {
			t.Fatalf("batch %d has %d numbers", i, len(apart))
		}
		for at := 0; at < len(apart); at += 3 {
			if slices.Max(apart[at:at+3]) == 0 && slices.Min(apart[at:at+3]) == 0 {
				t.Fatalf("batch %d shows image %d twice in the same view", i, at/3)
			}
		}
	}
	shown = nil
	if _, err := Run(t.Context(), b.env, selfSupervised(alike{&shown}, 1), netOn(t, b.env, b.images, model.Single(3)), b.images, nil, measure); err != nil {
		t.Fatal(err)
	}
	for _, apart := range shown {
		if slices.Max(apart) > 1e-6 || slices.Min(apart) < -1e-6 {
			t.Fatalf("views of one image differ without augmentation: they are of two: %v", apart)
		}
	}
}

// TestOrderOfViews and of what numerics look at.
func TestOrderOfViews(t *testing.T) {
	t.Parallel()
	if got := inViewsEach([]int{4, 7}, 2); !slices.Equal(got, []int{4, 4, 7, 7}) {
		t.Errorf("got %v", got)
	}
	if got := inViewsEach([]int{4, 7}, 1); !slices.Equal(got, []int{4, 7}) {
		t.Errorf("got %v", got)
	}
	if got := batches([]int{1, 1, 2, 2, 3, 3}, 4, 4); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	if got := batches([]int{1, 1}, 4, 4); len(got) != 1 {
		t.Errorf("few images make no batch: %v", got)
	}
	images := newBench(t).images
	tr := &trainer{cfg: selfSupervised(alike{}, 1), images: images}
	if got := tr.numericsItems(); len(got) == 0 || len(got)%2 != 0 || got[0] != got[1] {
		t.Errorf("precisions are compared on %v", got)
	}
}

// TestHintsNameTheSection that asked for the training.
func TestHintsNameTheSection(t *testing.T) {
	t.Parallel()
	err := selfSupervised(alike{}, 1).memory(torch.ErrOutOfMemory)
	if err == nil || !strings.Contains(err.Error(), "set pretrain.batch to 2; the loss alike looks at a batch as a whole") {
		t.Errorf("got %v", err)
	}
	b := newBench(t)
	cfg := selfSupervised(alike{}, 1)
	cfg.Optimizer.Part = AdamW{Rate: 1e20, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
	recipe := augment.Config{{Name: "shift", Part: augment.Shift{By: 0.3, When: augment.Always}}}
	if _, err = Run(t.Context(), b.env, cfg, b.net, b.images, recipe, measure); err == nil || !strings.Contains(err.Error(), "lower the learning rate (pretrain.optimizer") {
		t.Errorf("got %v", err)
	}
}

// TestEmbed gives what the last layer sees, image by image, whatever the batches are.
func TestEmbed(t *testing.T) {
	b := newBench(t)
	cfg := config(1e-3, phase("all", 1, "all"))
	items := indices(b.images, stage.Train)[:5]
	all, err := Embed(t.Context(), b.env, cfg, b.net, b.images, items)
	if err != nil || len(all) != 5 {
		t.Fatal(len(all), err)
	}
	cfg.Batch = 2
	again, err := Embed(t.Context(), b.env, cfg, b.net, b.images, []int{items[3], items[1], items[4]})
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range []int{3, 1, 4} {
		for f := range all[k] {
			if math.Abs(float64(all[k][f]-again[i][f])) > 1e-5 {
				t.Fatalf("image %d has %v, and %v in another batch", k, all[k], again[i])
			}
		}
	}
	if none, err := Embed(t.Context(), b.env, cfg, b.net, b.images, nil); none != nil || err != nil {
		t.Errorf("of no image: %v, %v", none, err)
	}
	if slices.Equal(all[0], all[1]) {
		t.Error("two images have the same features")
	}
}
