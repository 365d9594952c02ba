package evaluate

import (
	"math"
	"testing"

	"vertebra/stages/stage"
)

// TestKappaByHand: two of 4 cases are right and two are off by one class, so
// what is seen is 2 with all weights. Truth and predictions both have 1, 2 and 1
// cases; the products for neighbouring classes are 2, 2, 2, 2, for the outer
// ones 1, 1. Chance is their weighted sum over 4: 10/4, (8+2·2)/4, (8+2·4)/4.
func TestKappaByHand(t *testing.T) {
	t.Parallel()
	p := Predictions{Classes: classes}
	for i, guess := range []int{0, 1, 2, 1} {
		probabilities := make([]float64, 3)
		probabilities[guess] = 1
		p.Items = append(p.Items, stage.Prediction{Label: []int{0, 1, 1, 2}[i], Probabilities: probabilities})
	}
	for weights, want := range map[string]float64{"none": 1 - 2/2.5, "linear": 1 - 2/3.0, "quadratic": 1 - 2/4.0} {
		if got := result(t, Kappa{weights}, p).Scalars[0].Value; !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("%s: got %v, want %v", weights, got, want)
		}
	}
}
