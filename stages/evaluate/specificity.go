package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("specificity", "share of the cases of other classes that are not taken for a class, averaged over classes", Specificity{Average: macro})
}

// Specificity is scikit-learn's recall_score of "not this class", for each
// class, with zero_division=0: true negatives over true negatives and false
// positives.
type Specificity struct {
	Average string `help:"over the classes: each class alike, or as often as it has cases" oneof:"macro weighted both"`
}

// Scalars are the averages asked for.
func (m Specificity) Scalars() []stage.Scalar {
	return averageScalars(m.Average, "specificity", "specificity")
}

// Values averages over the classes.
func (m Specificity) Values(p Predictions) []float64 {
	return averages(m.Average, p.perClass(), func(c classScores) float64 { return c.specificity })
}
