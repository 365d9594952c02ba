package train

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// scaling is a training in float32 whose loss is scaled, beginning with a factor.
func (b bench) scaling(cfg Config, scale torch.LossScale) *trainer {
	t := &trainer{env: b.env, cfg: cfg, augment: mixedRecipe, net: b.net, images: b.images, measure: measure, scales: true}
	t.state.Scale = scale
	return t
}

// TestScaledLossGivesTheSameBits: a power of two changes no mantissa. Penalties,
// clipping, averages and parts of a batch see what they would see without.
func TestScaledLossGivesTheSameBits(t *testing.T) {
	t.Parallel()
	want := uncut(t)
	b := newBench(t)
	trained, err := b.scaling(resumable(), torch.LossScale{Value: 1024, Growth: 5}).run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(trained, want.trained) {
		t.Error("the predictions differ")
	}
	for name, tensor := range want.weights {
		if !reflect.DeepEqual(b.weights(t)[name], tensor) {
			t.Errorf("%s differs", name)
		}
	}
	scales := b.seen.values("train", "loss_scale")
	if len(scales) == 0 || scales[len(scales)-1] <= 1024 || slices.Max(b.seen.values("train", "updates_left_out")) != 0 {
		t.Errorf("scales %v: want them to grow", scales)
	}
}

// steep has an infinite gradient: 0 · 3e38 · 10 of a difference that is zero.
type steep struct{ CrossEntropy }

func (l steep) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	mean := s.Mean(logits_BO)
	none := s.Sub(mean, s.Clone(mean))
	for _, factor := range []float32{3e38, 10} {
		none = s.Mul(none, s.FromFloat32([]float32{factor}))
	}
	return s.Add(l.CrossEntropy.Of(s, logits_BO, t), none)
}

func steepConfig(epochs int) Config {
	cfg := config(1e-2, phase("all", epochs, "all"))
	cfg.Loss = registry.One[Loss]{Name: "cross_entropy", Part: steep{CrossEntropy{Reduction: "weighted_mean"}}}
	cfg.EMA, cfg.Phases[0].BatchNorm = &EMA{Decay: 0.9}, "frozen"
	return cfg
}

// TestUpdateIsLeftOutWhereGradientsOverflow: nothing changes but the scale.
func TestUpdateIsLeftOutWhereGradientsOverflow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.weights(t)
	cfg := steepConfig(1)
	cfg.Batch = registry.Count(len(indices(b.images, stage.Train)))
	tr := b.scaling(cfg, torch.LossScale{Value: 8, Good: 3, Growth: 5})
	if _, err := tr.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(b.weights(t), before) {
		t.Error("the weights changed")
	}
	if names := tr.optimizer.Names(); len(names) != 0 {
		t.Errorf("the optimizer counted a step of %v", names)
	}
	if want := (torch.LossScale{Value: 4, Growth: 5}); tr.state.Scale != want {
		t.Errorf("the scale is %+v, want %+v", tr.state.Scale, want)
	}
	if got := b.seen.values("train", "updates_left_out"); !slices.Equal(got, []float64{1}) {
		t.Errorf("updates left out: %v", got)
	}
	if !slices.ContainsFunc(b.seen.records, func(r stage.Record) bool {
		e, ok := r.(stage.Event)
		return ok && strings.HasPrefix(e.Text, "phase all: 1 update was left out") && strings.Contains(e.Text, "it is 4 now")
	}) {
		t.Error("nothing was told of it")
	}
}

func TestScaleBelowOneIsAFailure(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.scaling(steepConfig(9), torch.LossScale{Value: 2, Growth: 5}).run(t.Context())
	var failure stage.Failure
	var fault stage.Fault
	if !errors.As(err, &failure) || failure.What != stage.NotANumber || !strings.Contains(err.Error(), "phase all, epoch 1, step 2: gradients are not finite") {
		t.Errorf("got %v", err)
	}
	if !errors.As(err, &fault) || !strings.Contains(fault.Hint, "bf16") {
		t.Errorf("got the hint %q", fault.Hint)
	}
}

// loud has gradients that overflow float32 when they are scaled by its largest powers
// of two.
type loud struct{ CrossEntropy }

func (l loud) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	return s.Mul(l.CrossEntropy.Of(s, logits_BO, t), s.FromFloat32([]float32{1000}))
}

// TestScaleGoesOnBitForBit cuts a training whose scale overflows and grows again
// after every few steps.
func TestScaleGoesOnBitForBit(t *testing.T) {
	t.Parallel()
	cfg := resumable()
	cfg.Loss.Part = loud{CrossEntropy{Reduction: "weighted_mean"}}
	cfg.Compute.Precision = "bf16" // numerics are compared, too
	begin := torch.LossScale{Value: math.Ldexp(1, 126), Growth: 3}
	run := func(ctx context.Context, b bench) (Trained, error) { return b.scaling(cfg, begin).run(ctx) }
	b := newBench(t)
	trained, err := run(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	want := b.outcome(t, trained)
	if left := b.seen.values("train", "updates_left_out"); slices.Max(left) == 0 {
		t.Fatalf("updates left out: %v; the test wants some", left)
	}
	got, seen := interrupted(t, benchIn, run)
	got.same(t, want)
	if a, b := tablesOf(seen), tablesOf(b.seen.records); len(b) != 2 || !reflect.DeepEqual(a, b) {
		t.Errorf("tables of numerics: %d, want %d, one after each phase, and the same", len(a), len(b))
	}
}

// TestReducedPrecisionTrains takes ten steps in a reduced precision and in float32.
// The tolerance is some roundings of a factor, 2^-8 in bf16 and 2^-11 in fp16.
func TestReducedPrecisionTrains(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		precision, device string
		tolerance         float64
	}{{"bf16", "cpu", 4.0 / (1 << 8)}, {"bf16", "cuda", 4.0 / (1 << 8)}, {"fp16", "cuda", 4.0 / (1 << 11)}, {"tf32", "cuda", 4.0 / (1 << 11)}} {
		t.Run(c.precision+" on "+c.device, func(t *testing.T) {
			reduced, tables := tenSteps(t, c.device, c.precision)
			full, _ := tenSteps(t, c.device, "fp32")
			for i := range full {
				if d := math.Abs(reduced[i] - full[i]); !(d <= c.tolerance*full[i]) {
					t.Errorf("step %d: loss %v, in float32 %v", i+1, reduced[i], full[i])
				}
			}
			if len(full) != 10 || !(full[9] < 0.95*full[0]) {
				t.Errorf("losses %v: nothing was learnt", full)
			}
			if len(tables) != 1 || !(tables[0].Rows[0][6].(float64) < 100*c.tolerance) || !(tables[0].Rows[0][9].(float64) > 0.99) {
				t.Errorf("numerics %v", tables)
			}
		})
	}
}

func tenSteps(t *testing.T, device, precision string) (losses []float64, numerics []stage.Table) {
	t.Helper()
	b := benchOn(t, t.TempDir(), device).withoutDropout(t)
	cfg := withSGD(config(0, phase("all", 10, "all")), 0.2)
	cfg.Batch = registry.Count(len(indices(b.images, stage.Train)))
	cfg.Compute.Precision = precision
	if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure); err != nil {
		t.Fatal(err)
	}
	left := b.seen.values("train", "updates_left_out")
	if wanted := precision == "fp16"; wanted != (len(left) == 10) || wanted && slices.Max(left) > 0 {
		t.Errorf("updates left out: %v", left)
	}
	return b.seen.values("train", "loss"), tablesOf(b.seen.records)
}
