package train

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// TestRateRange: the rate rises step by step over several epochs, a test is repeated to the
// bit, and one that goes too far ends there.
func TestRateRange(t *testing.T) {
	t.Parallel()
	head := phase("head", 1, "head")
	all := phase("all", 1, "all")
	run := func(r RateRange) []RateStep {
		b := newBench(t)
		steps, err := r.Run(t.Context(), b.env, config(1e-3, head, all), b.net, b.images, recipe)
		if err != nil {
			t.Fatal(err)
		}
		return steps
	}
	gentle := RateRange{Phase: 1, Low: 1e-6, High: 1e-3, Steps: 30}
	steps := run(gentle)
	if len(steps) != 30 || !(math.Abs(steps[0].Rate/1e-6-1) <= 1e-9) || !(math.Abs(steps[29].Rate/1e-3-1) <= 1e-9) {
		t.Fatalf("%d steps of rates %v to %v, want 30 from 1e-6 to 1e-3", len(steps), steps[0].Rate, steps[len(steps)-1].Rate)
	}
	for i, s := range steps {
		if i > 0 && s.Rate <= steps[i-1].Rate || math.IsNaN(s.Loss) || s.Loss <= 0 {
			t.Errorf("step %d: %+v after %+v", i+1, s, steps[max(0, i-1)])
		}
	}
	if again := run(gentle); !reflect.DeepEqual(again, steps) {
		t.Error("the same test gives other losses")
	}
	if steps := run(RateRange{Phase: 1, Low: 1e-3, High: 1e12, Steps: 60}); len(steps) >= 60 || len(steps) < 2 {
		t.Errorf("%d steps up to a rate of 1e12, want it to end before", len(steps))
	}
	// At rates that change nothing each step has the loss of its own images, and of no others before.
	losses := []float64{}
	for _, step := range run(RateRange{Phase: 1, Low: 1e-12, High: 2e-12, Steps: 12}) {
		losses = append(losses, step.Loss)
	}
	if len(losses) != 12 || !(slices.Max(losses) < 4*slices.Min(losses)) {
		t.Errorf("the losses of 12 steps that change nothing are %v", losses)
	}
	// Of a frozen backbone the features are computed once, as in training.
	if steps := run(RateRange{Phase: 0, Low: 1e-6, High: 1e-3, Steps: 40}); len(steps) != 40 {
		t.Errorf("%d steps of the head, want 40", len(steps))
	}
}

// stopper cancels after some steps.
type stopper struct {
	stage.Recorder
	after int
	stop  func()
}

func (s *stopper) Progress(stage.Progress) {
	if s.after--; s.after == 0 {
		s.stop()
	}
}

// TestRateRangeInterrupted: an interrupted test ends with its cause, and leaves no tensors behind.
func TestRateRangeInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.live(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.env.Recorder = &stopper{Recorder: stage.Discard, after: 3, stop: cancel}
	cfg := config(1e-3, phase("all", 1, "all"))
	cfg.EMA = &EMA{Decay: 0.9}
	r := RateRange{Low: 1e-6, High: 1e-3, Steps: 30}
	if steps, err := r.Run(ctx, b.env, cfg, b.net, b.images, recipe); !errors.Is(err, context.Canceled) {
		t.Errorf("%d steps, %v; want that it was cancelled", len(steps), err)
	}
	if after := b.live(t); after != before {
		t.Errorf("%d tensors are left, there were %d", after, before)
	}
}
