package statistics

import (
	"math"
	"testing"
)

// TestShare: the ends that statsmodels 0.14 (proportion_confint, method beta) has.
func TestShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		share     float64
		n         int
		low, high float64
	}{
		{0.2, 30, 0.07713551200106561, 0.3856665109966071}, {0, 12, 0, 0.2646484693970512}, {1, 9, 0.6637328831200572, 1}, {0.125, 20, 0.02137248802247479, 0.348577710858454},
		{0.05, 10, 4.7890433157581876e-05, 0.3813147710666164}, {0.97, 20, 0.7813153418908197, 0.9999122017452858}, // SciPy's beta.ppf: less than one case
	} {
		if low, high := Share(c.share, c.n, 0.95); !(math.Abs(low-c.low) < 1e-9) || !(math.Abs(high-c.high) < 1e-9) {
			t.Errorf("%v of %d: %v to %v, want %v to %v", c.share, c.n, low, high, c.low, c.high)
		}
	}
}
