package evaluate

import (
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("kappa", "agreement beyond chance, far mistakes counted more (Cohen 1968)", Kappa{Weights: "quadratic"})
}

// Kappa is scikit-learn's cohen_kappa_score with the labels of all classes; the
// order of the classes is their rank.
type Kappa struct {
	Weights string `help:"how a mistake's distance counts" oneof:"quadratic linear none"`
}

// Ordered says whether a mistake's distance counts.
func (k Kappa) Ordered() bool { return k.Weights != "none" }

// Scalars is the kappa.
func (k Kappa) Scalars() []stage.Scalar {
	title := "Kappa, " + k.Weights + " weights"
	if k.Weights == "none" {
		title = "Kappa"
	}
	return []stage.Scalar{{Name: "kappa", Title: title, Better: stage.HigherBetter}}
}

// Values is 1 minus weighted disagreement over that of chance; NaN where all
// cases and all predictions are of one class.
func (k Kappa) Values(p Predictions) []float64 {
	counts, scores := p.counts(), p.perClass()
	seen, chance := 0.0, 0.0
	for i := range counts {
		for j := range counts {
			w := k.weight(i, j)
			seen += w * counts[i][j]
			chance += w * scores[i].support * scores[j].predicted
		}
	}
	if chance == 0 {
		return []float64{math.NaN()}
	}
	return []float64{1 - seen*p.total()/chance}
}

// Show says why there is no number.
func (k Kappa) Show(p Predictions) (r Result) {
	if math.IsNaN(k.Values(p)[0]) {
		r.Notes = []string{"all cases and all predictions are of one class, so there is no chance to agree beyond"}
	}
	return r
}

// weight is the cost of taking class i for class j.
func (k Kappa) weight(i, j int) float64 {
	distance := math.Abs(float64(i - j))
	switch k.Weights {
	case "linear":
		return distance
	case "none":
		return min(distance, 1)
	}
	return distance * distance
}
