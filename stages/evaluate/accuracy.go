package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("accuracy", "share of cases whose likeliest class is the true one", Accuracy{})
}

// Accuracy is scikit-learn's accuracy_score.
type Accuracy struct{}

// Scalars is the accuracy.
func (Accuracy) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "accuracy", Title: "Accuracy", Better: stage.HigherBetter}}
}

// Measure counts.
func (m Accuracy) Measure(p Predictions) (Result, error) {
	return give(m, p.accuracy()), nil
}

func (p Predictions) accuracy() float64 {
	right := 0
	for _, item := range p.Items {
		if largest(item.Probabilities) == item.Label {
			right++
		}
	}
	return float64(right) / float64(len(p.Items))
}
