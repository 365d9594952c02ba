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

// Values is the diagonal of the confusion matrix.
func (Accuracy) Values(p Predictions) []float64 {
	right := 0.0
	for i, row := range p.counts() {
		right += row[i]
	}
	return []float64{right / p.total()}
}
