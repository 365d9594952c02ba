package evaluate

import (
	"math"
	"slices"
	"testing"
)

// TestCalibrationByHand: with 2 bins, the predicted class has 0.9 (right), 0.8
// (wrong) and 0.5 (right; on the edge, so in the lower bin).
func TestCalibrationByHand(t *testing.T) {
	t.Parallel()
	p := twoClasses([]int{1, 1, 0}, []float64{0.9, 0.2, 0.5})
	r := result(t, Calibration{Bins: 2}, p)
	// lower bin: |1 − 0.5| once; upper bin: |1/2 − 0.85| twice
	if got, want := r.Scalars[0].Value, (0.5+2*0.35)/3; !(math.Abs(got-want) <= 1e-15) {
		t.Errorf("got %v, want %v", got, want)
	}
	line := r.Curves[0].Lines[1]
	if !slices.EqualFunc(line.X, []float64{0.5, 0.85}, near) || !slices.EqualFunc(line.Y, []float64{1, 0.5}, near) {
		t.Errorf("got %v", line)
	}
}

func TestBinOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v    float64
		want int
	}{{0, 0}, {0.25, 0}, {math.Nextafter(0.25, 1), 1}, {0.5, 1}, {0.75, 2}, {0.76, 3}, {1, 3}, {1.0005, 3}} {
		if got := binOf(test.v, 4); got != test.want {
			t.Errorf("bin of %v: got %d, want %d", test.v, got, test.want)
		}
	}
}
