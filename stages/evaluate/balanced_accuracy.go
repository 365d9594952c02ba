package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("balanced_accuracy", "mean recall over the classes that occur", BalancedAccuracy{})
}

// BalancedAccuracy is scikit-learn's balanced_accuracy_score: a class without
// cases is left out.
type BalancedAccuracy struct{}

// Scalars is the balanced accuracy.
func (BalancedAccuracy) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "balanced_accuracy", Title: "Balanced accuracy", Better: stage.HigherBetter}}
}

// Values averages the recalls.
func (BalancedAccuracy) Values(p Predictions) []float64 {
	sum, n := 0.0, 0.0
	for _, c := range p.perClass() {
		if c.support > 0 {
			sum += c.recall
			n++
		}
	}
	return []float64{sum / n}
}
