package sweeps

import (
	"math"
	"testing"
)

func TestExpect(t *testing.T) {
	t.Parallel()
	if got := Expect(None{}, 30, 9, true); got != (Expected{270, 30}) {
		t.Errorf("without stopping: got %+v", got)
	}
	// Successive halving of n trials trains n to the first rung, and of each rung a
	// third goes on: 81·1 + 27·2 + 9·6 = 189 of 729 epochs, nine trials whole. The
	// asynchronous kind promotes some early that are not among the best later.
	got := Expect(ASHA{First: 1, Reduction: 3}, 81, 9, false)
	if got.Epochs < 189 || got.Epochs > 1.5*189 || got.Whole < 9 || got.Whole > 1.8*9 {
		t.Errorf("asha: got %+v, want a little more than 189 epochs and 9 trials", got)
	}
	if with := Expect(ASHA{First: 1, Reduction: 3}, 81, 9, true); with.Epochs <= got.Epochs {
		t.Errorf("with a baseline %+v, without %+v", with, got)
	}
	if got := Expect(Median{First: 2, Startup: 5}, 40, 10, false); got.Whole > 30 || got.Whole < 5 || got.Epochs < 40*2 {
		t.Errorf("median: got %+v", got)
	}
	// Large sweeps are scaled from smaller ones.
	large, small := Expect(ASHA{First: 1, Reduction: 3}, 2000, 9, false), Expect(ASHA{First: 1, Reduction: 3}, 100, 9, false)
	if !(math.Abs(large.Epochs-20*small.Epochs) <= 1e-6) {
		t.Errorf("got %+v and %+v", large, small)
	}
	if got := Expect(ASHA{First: 2, Reduction: 2}, 24, 10, true); got.Epochs > 240 {
		t.Errorf("got %+v", got)
	} else {
		t.Logf("24 trials of 10 epochs by asha from 2, halving: %+v", got)
	}
}

func BenchmarkExpect(b *testing.B) {
	for b.Loop() {
		Expect(ASHA{First: 1, Reduction: 3}, 100, 81, true)
	}
}
