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

// byHand asks the net about an image and about its mirror image, both made here
// pixel by pixel, and averages the probabilities that the loss makes of them.
func (b bench) byHand(t *testing.T, cfg Config, item int) (mean []float64) {
	t.Helper()
	shape := b.images.Shape()
	size := b.images.BytesPerPixel()
	raw, h, w := b.images.Bytes(item), shape.Height, shape.Width
	pixels, mirrored := make([]float32, h*w), make([]float32, h*w)
	for i := range pixels {
		value := float32(raw[i*size])
		if size == 2 {
			value += 256 * float32(raw[i*size+1])
		}
		pixels[i] = value * b.images.Scale()
		mirrored[i/w*w+w-1-i%w] = pixels[i]
	}
	err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		s.NoGrad(func() {
			for _, image := range [][]float32{pixels, mirrored} {
				logits := b.net.Forward(&torch.Pass{Scope: s}, s.FromFloat32(image, 1, 1, int64(h), int64(w)))
				for k, v := range s.Float64s(cfg.Probabilities(s, logits)) {
					if len(mean) <= k {
						mean = append(mean, 0)
					}
					mean[k] += v / 2
				}
			}
		})
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return mean
}

// TestTestTime: the last predictions are the means over the views, also with
// ordinal outputs; those after each epoch are of the image alone.
func TestTestTime(t *testing.T) {
	t.Parallel()
	for name, loss := range map[string]Loss{"cross_entropy": CrossEntropy{Reduction: "weighted_mean"}, "corn": Corn{Reduce: byWeights}} {
		b := newBench(t)
		cfg := config(1e-2, phase("all", 2, "all"))
		cfg.Loss = registry.One[Loss]{Name: name, Part: loss}
		cfg.TestTime = augment.TestTime{Average: "probabilities", Views: []registry.One[augment.View]{{Name: "flip", Part: augment.FlipView{Axis: "horizontal", Sides: "swap"}}}}
		if outputs := cfg.outputs(3); outputs != 3 {
			b.net = b.rebuilt(t, outputs)
		}
		trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
		if err != nil {
			t.Fatal(err)
		}
		if len(trained.Predictions) == 0 {
			t.Fatal("no predictions")
		}
		for _, p := range trained.Predictions {
			item := slices.IndexFunc(b.images.Cases, func(c stage.Case) bool { return c.ID == p.CaseID })
			want := b.byHand(t, cfg, item)
			if !slices.EqualFunc(p.Probabilities, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-6 }) {
				t.Errorf("%s, %s: got %v, want %v", name, p.CaseID, p.Probabilities, want)
			}
		}
		b.checkPlainEpochs(t, trained)
	}
}

// checkPlainEpochs wants the loss of the best epoch, which validation measured, to
// differ from that of the averaged predictions.
func (b bench) checkPlainEpochs(t *testing.T, trained Trained) {
	t.Helper()
	averaged, err := measure(trained.Predictions)
	if err != nil {
		t.Fatal(err)
	}
	if epochs := b.seen.values("validation", "loss"); math.Abs(slices.Min(epochs)-averaged[0].Value) < 1e-9 {
		t.Error("validation after an epoch was averaged over the views")
	}
	told := slices.ContainsFunc(b.seen.records, func(r stage.Record) bool {
		f, ok := r.(stage.Fact)
		return ok && f.Name == "test-time augmentation" && strings.Contains(f.Value, "1 of its views: flip (axis: horizontal")
	})
	if !told {
		t.Error("the views are not recorded")
	}
}

func (b bench) rebuilt(t *testing.T, outputs int) *model.Net {
	t.Helper()
	return netOn(t, b.env, b.images, model.Single(outputs))
}

func TestViewsRefused(t *testing.T) {
	t.Parallel()
	flip := augment.TestTime{Average: "logits", Views: []registry.One[augment.View]{{Name: "flip", Part: augment.FlipView{Axis: "horizontal", Sides: "swap"}}}}
	cfg := config(1e-2, phase("all", 1, "all"))
	cfg.TestTime = flip
	sided := []string{"left mild", "right mild", "right severe", "left severe"}
	if problems := cfg.Fits(stage.Questions{Classes: sided}); len(problems) != 0 {
		t.Errorf("got %v", problems)
	}
	cfg.Loss = registry.One[Loss]{Name: "corn", Part: Corn{Reduce: byWeights}}
	if problems := cfg.Fits(stage.Questions{Classes: sided}); len(problems) != 1 || problems[0].Path != "test_time.average" {
		t.Errorf("got %v", problems)
	}
	b := newBench(t)
	b.images.Classes = []string{"left", "right", "none"} // of sagittal images too
	cfg = config(1e-2, phase("all", 1, "all"))
	cfg.TestTime = flip
	if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure); err == nil || !strings.Contains(err.Error(), "train.test_time: test-time augmentation: flip with sides: swap") {
		t.Errorf("got %v", err)
	}
}
