package augment

import (
	"slices"
	"testing"

	"vertebra/stages/stage"
)

func init() {
	// Points hardly move between a thousandth and the next, but there is no setting
	// of zero strength: a chance of 0 is it.
	examples["histogram_shift"] = struct{ strong, zero string }{"{points: 4}", "{p: 0}"}
}

// TestHistogramShiftKeepsTheOrderOfGreys: a brighter pixel stays no darker, and
// black and white stay.
func TestHistogramShiftKeepsTheOrderOfGreys(t *testing.T) {
	for seed := range uint64(200) {
		y := HistogramShift{Points: 10}.Draw(stage.Rand(seed, "test"), Size{})
		if !slices.IsSorted(y) || y[0] != 0 || y[9] != 1 {
			t.Fatalf("seed %d: points at %v", seed, y)
		}
	}
}
