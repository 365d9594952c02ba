package train

import (
	"math"
	"testing"
	"time"

	"vertebra/stages/internal/torch"
)

// TestShares: measured steps stand for all, and what waiting added is taken out.
func TestShares(t *testing.T) {
	t.Parallel()
	w := stopwatch{steps: 2, validation: 3 * time.Second, spent: map[string]time.Duration{ofData: time.Second, ofForward: 3 * time.Second}}
	for _, c := range []struct{ epoch, data, forward, other float64 }{
		{100, 5, 15, 80}, {10, 2.5, 7.5, 0}, {0, 0, 0, 0},
	} {
		got := w.shares(10, c.epoch)
		for part, want := range map[string]float64{ofData: c.data, ofForward: c.forward, ofBackward: 0, ofOther: c.other, ofValidation: 3} {
			if !(math.Abs(got[part]-want) <= 1e-9) {
				t.Errorf("epoch of %g s, %s: %g, want %g", c.epoch, part, got[part], want)
			}
		}
	}
	if got := (&stopwatch{}).shares(10, 1); len(got) != 0 {
		t.Errorf("nothing was measured, got %v", got)
	}
}

// TestLaps: each lap begins where the one before ended, and a watch that is off counts nothing.
func TestLaps(t *testing.T) {
	onEngine(t, func(s *torch.Scope) {
		now := time.Unix(100, 0)
		w := stopwatch{on: true, now: func() time.Time { return now }, last: now, spent: map[string]time.Duration{}}
		for _, lap := range []struct {
			after time.Duration
			part  string
		}{{time.Second, ofData}, {3 * time.Second, ofForward}, {5 * time.Second, ofData}} {
			now = now.Add(lap.after)
			w.lap(s, lap.part)
		}
		if w.spent[ofData] != 6*time.Second || w.spent[ofForward] != 3*time.Second {
			t.Errorf("got %v, want 6 s of data and 3 s forward", w.spent)
		}
		w.on, now = false, now.Add(time.Hour)
		if w.lap(s, ofData); w.spent[ofData] != 6*time.Second {
			t.Errorf("a watch that is off counted %v", w.spent)
		}
	})
}

// TestTimesOfAnEpoch: the parts of training add up to the epoch's time.
func TestTimesOfAnEpoch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := Run(t.Context(), b.env, config(1e-3, phase("all", 2, "all")), b.net, b.images, recipe, measure); err != nil {
		t.Fatal(err)
	}
	whole := b.seen.values("train", "epoch_seconds")
	for epoch := range whole {
		sum := 0.0
		for _, part := range append(ofSteps, ofOther) {
			v := b.seen.values(part, "seconds_by_part")[epoch]
			if v < 0 || part == ofForward && v == 0 {
				t.Errorf("%s took %g s", part, v)
			}
			sum += v
		}
		if !(math.Abs(sum-whole[epoch]) <= 1e-9) {
			t.Errorf("the parts take %g s, the epoch %g", sum, whole[epoch])
		}
	}
	if m := b.seen.values("process", "memory"); len(m) != len(whole) || !(m[0] > 1) {
		t.Errorf("memory %v", m)
	}
}
