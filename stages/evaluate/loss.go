package evaluate

import (
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("loss", "mean negative logarithm of the true class's probability, each case alike", LogLoss{})
}

// LogLoss is scikit-learn's log_loss (1.5 or later), the mean cross-entropy:
// probabilities are clipped to float64's machine epsilon, so that a certain
// mistake costs 36 rather than infinity. Each case counts alike, whatever its
// target, as in the loss of training: it is no mean over Config.AverageOver.
type LogLoss struct{}

// Pooled is the loss over all cases.
func (LogLoss) Pooled() {}

// epsilon is the machine epsilon of float64.
const epsilon = 0x1p-52

// Scalars is the loss.
func (LogLoss) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "loss", Title: "Loss", Better: stage.LowerBetter}}
}

// Values is the mean over all cases.
func (m LogLoss) Values(p Predictions) []float64 {
	return []float64{p.mean(p.each(m, func(label int, probabilities []float64) float64 {
		return -math.Log(clip(probabilities[label], epsilon))
	}))}
}

func clip(p, epsilon float64) float64 { return min(max(p, epsilon), 1-epsilon) }
