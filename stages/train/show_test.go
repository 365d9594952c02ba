package train

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestShow: every class is shown, in the epochs asked for and those in which the recipe
// changes; with views a later epoch shows an earlier one again, pixel by pixel.
func TestShow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cfg := config(1e-3, phase("head", 4, "head"), phase("all", 6, "all"))
	cfg.Balance.Sampling, cfg.Phases[0].Views = "over", 2
	until := 6
	late := augment.Config{{Name: "rotate", Part: augment.Rotate{When: augment.When{P: 1, From: 1, Until: &until}, Degrees: 10}}, mixing[0]}
	h := Showing{Config: cfg, Recipe: late, Cases: 2, Epochs: 3}
	all := b.images.Cases
	if chosen := h.Choose(all, b.images.Questions(), b.env.Seed); len(chosen) < 6 || len(chosen) > 6+8 {
		t.Errorf("%d cases are chosen, want two of each class and the first batch", len(chosen))
	}
	records, err := h.Show(t.Context(), b.env, b.images, all)
	if err != nil {
		t.Fatal(err)
	}
	classes, galleries := map[string]int{}, 0
	for _, r := range records {
		switch r := r.(type) {
		case stage.Gallery:
			galleries++
			if r.Name == "batch" {
				if len(r.Pictures) != 8 || !strings.Contains(r.Pictures[0].Caption, " + ") {
					t.Errorf("first batch: %d pictures, the first %q", len(r.Pictures), r.Pictures[0].Caption)
				}
				continue
			}
			class, _, _ := strings.Cut(r.Title, ":")
			classes[class]++
			var captions []string
			for _, p := range r.Pictures {
				captions = append(captions, p.Caption)
			}
			if got := strings.Join(captions, "; "); got != "as it is; epoch 1; epoch 2; epoch 3, the view of epoch 1; epoch 7" {
				t.Errorf("captions %q", got)
			}
			if !reflect.DeepEqual(r.Pictures[1].PNG, r.Pictures[3].PNG) || reflect.DeepEqual(r.Pictures[1].PNG, r.Pictures[2].PNG) || !reflect.DeepEqual(r.Pictures[0].PNG, r.Pictures[4].PNG) {
				t.Error("epoch 3 should show epoch 1 again, epoch 2 another view, epoch 7 the image as it is")
			}
		case stage.Curve:
			for _, line := range r.Lines {
				sum := 0.0
				for _, y := range line.Y {
					sum += y
				}
				if !(math.Abs(sum-100) <= 1e-6) {
					t.Errorf("%s adds up to %v %%", line.Label, sum)
				}
			}
		case stage.Table:
			for _, row := range r.Rows {
				if row[2] != r.Rows[0][2] {
					t.Errorf("oversampling draws unequally: %v", r.Rows)
				}
			}
		}
	}
	if len(classes) != 3 || galleries != 7 {
		t.Errorf("classes %v in %d galleries", classes, galleries)
	}
}

// TestShowIsWhatTrainingSees compares the first batch, pixel by pixel.
func TestShowIsWhatTrainingSees(t *testing.T) {
	t.Parallel()
	b, cfg := newBench(t), config(1e-3, phase("all", 1, "all"))
	cfg.Batch, cfg.Balance.Sampling = 64, "over" // some cases come again in the batch
	tr := &trainer{env: b.env, cfg: cfg, augment: mixedRecipe, net: b.net, images: b.images, measure: measure, phase: cfg.Phases[0], epoch: 1, step: 1}
	if err := tr.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	first := batches(tr.sampler.Epoch(1), cfg.BatchSize(), 2)[:1]
	tr.feed.begin(first)
	seen := onNet(t, b, tr, first[0])
	h := Showing{Config: cfg, Recipe: mixedRecipe, Cases: 1, Epochs: 1}
	if got := h.firstBatch(b.images.Cases, b.images.Questions(), b.env.Seed); !reflect.DeepEqual(got, first[0]) {
		t.Fatalf("the first batch is %v, shown is %v", first[0], got)
	}
	s := &show{Showing: h, env: b.env, engine: b.net.Engine(), images: b.images}
	pixels, _, err := s.see(t.Context(), first[0], 1)
	if err != nil {
		t.Fatal(err)
	}
	var flat []float32
	for _, p := range pixels {
		flat = append(flat, p...)
	}
	if !reflect.DeepEqual(flat, seen) {
		t.Error("other pixels are shown than training sees")
	}
}

// TestShownAnswersAreOfOneSplit: of a sample that is in two splits, those of training are
// shown.
func TestShownAnswersAreOfOneSplit(t *testing.T) {
	t.Parallel()
	b := benchOfTargets(t, t.TempDir(), "cpu")
	b.images.Cases[0].Split, b.images.Cases[1].Split = stage.Validation, stage.Train
	if got := (&show{images: b.images}).first(1); b.images.Of(0) != b.images.Of(1) || got != 1 {
		t.Errorf("the case %d stands for the second one", got)
	}
}

// TestCasesThatComeAgainLookAnew: what oversampling shows several times in an epoch is
// augmented otherwise each time, unless the phase has a number of views.
func TestCasesThatComeAgainLookAnew(t *testing.T) {
	t.Parallel()
	b, cfg := newBench(t), config(1e-3, phase("all", 1, "all"))
	for views, different := range map[int]bool{0: true, 1: false} {
		tr := &trainer{env: b.env, cfg: cfg, augment: recipe, net: b.net, images: b.images, feed: &mapped{images: b.images}, phase: cfg.Phases[0], epoch: 1, step: 1}
		tr.phase.Views = views
		items := []int{3, 7, 3, 3}
		tr.feed.begin([][]int{items, items[:1]})
		all, alone := onNet(t, b, tr, items), onNet(t, b, tr, items[:1])
		size := len(alone)
		if !reflect.DeepEqual(all[:size], alone) {
			t.Error("the first time depends on those that follow")
		}
		for _, pair := range [][2]int{{0, 2}, {0, 3}, {2, 3}} {
			if same := reflect.DeepEqual(all[pair[0]*size:][:size], all[pair[1]*size:][:size]); same == different {
				t.Errorf("%d views: case 3 looks alike at places %v: %v", views, pair, same)
			}
		}
	}
}

// TestPreviewIsWhatTrainingSees: of two epochs in one view, the same picture twice.
func TestPreviewIsWhatTrainingSees(t *testing.T) {
	t.Parallel()
	for views, want := range map[int]int{0: 2, 1: 1} {
		b, cfg := newBench(t), config(1e-3, phase("all", 2, "all"))
		cfg.Phases[0].Views = views
		if err := Preview(t.Context(), b.env, cfg, b.net, b.images, recipe); err != nil {
			t.Fatal(err)
		}
		gallery, ok := b.seen.records[len(b.seen.records)-1].(stage.Gallery)
		if !ok || len(gallery.Pictures) != 2*4 {
			t.Fatalf("got %d pictures, want two of each of four cases", len(gallery.Pictures))
		}
		different := map[string]bool{}
		for _, p := range gallery.Pictures[:2] {
			different[string(p.PNG)] = true
		}
		if len(different) != want {
			t.Errorf("%d views: %d different pictures of a case, want %d", views, len(different), want)
		}
	}
}

func TestChangesOfARecipe(t *testing.T) {
	t.Parallel()
	until := 4
	when := augment.When{P: 1, From: 3, Until: &until}
	recipe := augment.Config{{Name: "rotate", Part: augment.Rotate{When: when}}, {Name: "one_of", Part: augment.OneOf{When: augment.Always, Of: []registry.One[augment.Augmentation]{
		{Name: "noise", Part: augment.Noise{When: augment.When{P: 1, From: 7}}},
	}}}}
	if got := recipe.Changes(); !reflect.DeepEqual(got, []int{3, 5, 7}) {
		t.Errorf("got %v", got)
	}
}

// onNet gives the pixels that the trainer's next batch has.
func onNet(t *testing.T, b bench, tr *trainer, items []int) (pixels []float32) {
	t.Helper()
	err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		pixels = s.Float32s(tr.nextBatch(s, tr.batch(items, repeats(items))).Images_BCHW)
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return pixels
}
