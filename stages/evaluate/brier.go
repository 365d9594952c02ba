package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("brier", "mean squared distance of the probabilities from what happened", Brier{})
}

// Brier is scikit-learn's brier_score_loss (1.7 or later): the squared
// differences summed over the classes as Brier (1950) has it, from 0 to 2; with
// two classes half of that, from 0 to 1.
type Brier struct{}

// Scalars is the score.
func (Brier) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "brier", Title: "Brier score", Better: stage.LowerBetter}}
}

// Values is the mean over all cases.
func (m Brier) Values(p Predictions) []float64 {
	return []float64{p.mean(p.each(m, func(label int, probabilities []float64) float64 {
		sum := 0.0
		for class, v := range probabilities {
			if class == label {
				v--
			}
			sum += v * v
		}
		if len(probabilities) == 2 {
			sum /= 2
		}
		return sum
	}))}
}
