package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("precision", "share of a class's predictions that are right, averaged over classes", Precision{})
}

// Precision is scikit-learn's precision_score with average="macro" and zero_division=0.
type Precision struct{}

// Scalars is the macro average.
func (Precision) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "macro_precision", Title: "Macro Precision", Better: stage.HigherBetter}}
}

// Measure averages over the classes.
func (m Precision) Measure(p Predictions) (Result, error) {
	return one(m, p.macro(func(c classScores) float64 { return c.precision })), nil
}
