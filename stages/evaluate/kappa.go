package evaluate

import (
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("kappa", "agreement beyond chance, far mistakes counted more (Cohen 1968)", Kappa{Weights: "quadratic"})
}

// Kappa is scikit-learn's cohen_kappa_score with weights; the classes' order is
// their rank.
type Kappa struct {
	Weights string `help:"how a mistake's distance counts" oneof:"quadratic linear"`
}

// Scalars is the kappa.
func (k Kappa) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "kappa", Title: "Weighted kappa", Better: stage.HigherBetter}}
}

// Measure is 1 minus weighted disagreement over that of chance; NaN where all
// cases and all predictions are of one class.
func (k Kappa) Measure(p Predictions) (Result, error) {
	counts, scores := p.counts(), p.perClass()
	seen, chance := 0.0, 0.0
	for i := range counts {
		for j := range counts {
			w := math.Abs(float64(i - j))
			if k.Weights == "quadratic" {
				w *= w
			}
			seen += w * counts[i][j]
			chance += w * scores[i].support * scores[j].predicted / float64(len(p.Items))
		}
	}
	if chance == 0 {
		return one(k, math.NaN()), nil
	}
	return one(k, 1-seen/chance), nil
}
