package evaluate

import (
	"fmt"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("top_k", "share of cases whose true class is among the k likeliest", TopK{K: 2})
}

// TopK is scikit-learn's top_k_accuracy_score: of equally likely classes the
// later one ranks higher.
type TopK struct {
	K int `help:"how many of the likeliest classes count" min:"1" max:"1000"`
}

// Scalars is the share.
func (m TopK) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: fmt.Sprintf("top_%d_accuracy", m.K), Title: fmt.Sprintf("Top-%d accuracy", m.K), Better: stage.HigherBetter}}
}

// Values counts.
func (m TopK) Values(p Predictions) []float64 {
	return []float64{p.mean(p.each(m, func(label int, probabilities []float64) float64 {
		above := 0
		for class, v := range probabilities {
			if v > probabilities[label] || v == probabilities[label] && class > label {
				above++
			}
		}
		if above < m.K {
			return 1
		}
		return 0
	}))}
}

// Show warns of a number that says nothing.
func (m TopK) Show(p Predictions) (r Result) {
	if m.K >= len(p.Classes) {
		r.Notes = []string{fmt.Sprintf("there are only %d classes, so the true one always is among the %d likeliest", len(p.Classes), m.K)}
	}
	return r
}
