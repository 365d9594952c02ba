package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("recall", "share of a class's cases that are found, averaged over classes", Recall{})
}

// Recall is scikit-learn's recall_score with average="macro" and zero_division=0.
type Recall struct{}

// Scalars is the macro average.
func (Recall) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "macro_recall", Title: "Macro Recall", Better: stage.HigherBetter}}
}

// Measure averages over the classes.
func (m Recall) Measure(p Predictions) (Result, error) {
	return one(m, p.macro(func(c classScores) float64 { return c.recall })), nil
}
