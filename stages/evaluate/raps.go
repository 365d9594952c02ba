package evaluate

import (
	"fmt"

	"vertebra/stages/stage"
)

func init() {
	ConformalMethods.Add("raps", "as aps, with a penalty for each class beyond the first ones (regularised adaptive prediction sets): of many classes, no large sets", RAPS{Penalty: 0.1, Free: 1})
}

// RAPS adds to the score of APS what large sets cost (Angelopoulos, Bates, Malik and Jordan
// 2021, "Uncertainty sets for image classifiers using conformal prediction"):
// E = Σ of likelier classes + u·its own + λ·(rank − k_reg)⁺.
type RAPS struct {
	Penalty    float64 `help:"what each class of a set costs, of the probability of 1 (λ)" min:"0" max:"10"`
	Free       int     `help:"how many classes of a set cost nothing (k_reg)" min:"0"`
	Randomised bool    `help:"leaves the last class of a set out by chance, so that coverage is exact: sets are smaller, some empty; the chance is a function of seed and case id"`
}

// Fits wants the penalty to meet some class.
func (m RAPS) Fits(classes []string) error {
	if m.Free < len(classes) {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("free: %d of %d classes: no set has a penalty", m.Free, len(classes)), Hint: fmt.Sprintf("give at most %d, or take aps", len(classes)-1)}
}

// Scores are those of APS with the penalties.
func (m RAPS) Scores(probabilities []float64, u float64) []float64 {
	if !m.Randomised {
		u = 0
	}
	order := byProbability(probabilities)
	out := piled(probabilities, order, u)
	for rank, k := range order {
		out[k] += m.Penalty * float64(max(0, rank+1-m.Free))
	}
	return out
}

// Rule is that in words.
func (m RAPS) Rule() string {
	return APS{m.Randomised}.Rule() + fmt.Sprintf(", and %g for each class that its rank by probability, counted from 1, is above %d", m.Penalty, m.Free)
}
