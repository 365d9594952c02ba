package evaluate

import "vertebra/stages/stage"

func init() { Metrics.Add("f1", "harmonic mean of precision and recall, averaged over classes", F1{}) }

// F1 is scikit-learn's f1_score with average="macro" and zero_division=0.
type F1 struct{}

// Scalars is the macro average.
func (F1) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "macro_f1", Title: "Macro F1", Better: stage.HigherBetter}}
}

// Measure averages over the classes.
func (m F1) Measure(p Predictions) (Result, error) {
	return one(m, p.macro(func(c classScores) float64 { return c.f1 })), nil
}
