package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("f1", "harmonic mean of precision and recall, averaged over classes", F1{Average: macro})
}

// F1 is scikit-learn's f1_score with zero_division=0.
type F1 struct {
	Average string `help:"over the classes: each class alike, or as often as it has cases" oneof:"macro weighted both"`
}

// Scalars are the averages asked for.
func (m F1) Scalars() []stage.Scalar { return averageScalars(m.Average, "f1", "F1") }

// Values averages over the classes.
func (m F1) Values(p Predictions) []float64 {
	return averages(m.Average, p.perClass(), func(c classScores) float64 { return c.f1 })
}
