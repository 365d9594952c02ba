package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("precision", "share of a class's predictions that are right, averaged over classes", Precision{Average: macro})
}

// Precision is scikit-learn's precision_score with zero_division=0.
type Precision struct {
	Average string `help:"over the classes: each class alike, or as often as it has cases" oneof:"macro weighted both"`
}

// Scalars are the averages asked for.
func (m Precision) Scalars() []stage.Scalar {
	return averageScalars(m.Average, "precision", "precision")
}

// Values averages over the classes.
func (m Precision) Values(p Predictions) []float64 {
	return averages(m.Average, p.perClass(), func(c classScores) float64 { return c.precision })
}
