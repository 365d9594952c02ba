package evaluate

import (
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("mcc", "Matthews correlation of true and predicted classes: 1 all right, 0 no better than chance", MCC{})
}

// MCC is scikit-learn's matthews_corrcoef, for several classes Gorodkin's R_K
// (2004). It is 0 where all cases or all predictions are of one class.
type MCC struct{}

// Scalars is the coefficient.
func (MCC) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "mcc", Title: "Matthews correlation", Better: stage.HigherBetter}}
}

// Values is the covariance of the indicators over their spreads.
func (MCC) Values(p Predictions) []float64 {
	total, counts := p.total(), p.counts()
	right, both, trueSquares, predictedSquares := 0.0, 0.0, 0.0, 0.0
	for i, c := range p.perClass() {
		right += counts[i][i]
		both += c.support * c.predicted
		trueSquares += c.support * c.support
		predictedSquares += c.predicted * c.predicted
	}
	spread := (total*total - trueSquares) * (total*total - predictedSquares)
	if spread <= 0 {
		return []float64{0}
	}
	return []float64{(right*total - both) / math.Sqrt(spread)}
}
