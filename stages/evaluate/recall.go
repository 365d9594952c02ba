package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("recall", "share of a class's cases that are found, averaged over classes", Recall{Average: macro})
}

// Recall is scikit-learn's recall_score with zero_division=0.
type Recall struct {
	Average string `help:"over the classes: each class alike, or as often as it has cases" oneof:"macro weighted both"`
}

// Scalars are the averages asked for.
func (m Recall) Scalars() []stage.Scalar { return averageScalars(m.Average, "recall", "recall") }

// Values averages over the classes.
func (m Recall) Values(p Predictions) []float64 {
	return averages(m.Average, p.perClass(), func(c classScores) float64 { return c.recall })
}
