package evaluate

import (
	"cmp"
	"slices"
)

func init() {
	ConformalMethods.Add("aps", "the likeliest classes until they have probability enough (adaptive prediction sets): larger sets where the net is less sure, none empty", APS{})
}

// APS counts the probability of all likelier classes (Romano, Sesia and Candès 2020,
// "Classification with valid and adaptive coverage"): E = Σ of those +
// u·its own. Without randomness u is 0, which is their deterministic set; the likeliest class
// then is in every set, and coverage is what was asked for or more. Equal probabilities stand
// in the order of the classes.
type APS struct {
	Randomised bool `help:"leaves the last class of a set out by chance, so that coverage is exact: sets are smaller, some empty; the chance is a function of seed and case id"`
}

// Scores add up probabilities from the highest down.
func (m APS) Scores(probabilities []float64, u float64) []float64 {
	if !m.Randomised {
		u = 0
	}
	return piled(probabilities, byProbability(probabilities), u)
}

// Rule is that in words.
func (m APS) Rule() string {
	return "the sum of the probabilities of all likelier classes (of equal ones, of those before it)" + chance(m.Randomised)
}

// chance is the end of a rule.
func chance(randomised bool) string {
	if randomised {
		return ", and u times its own, where u is drawn evenly from 0 to 1 for each case"
	}
	return ""
}

// byProbability lists the classes from the likeliest down.
func byProbability(probabilities []float64) []int {
	order := make([]int, len(probabilities))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(probabilities[b], probabilities[a]) })
	return order
}

// piled gives each class the sum of the probabilities before it in order, and u of its own.
func piled(probabilities []float64, order []int, u float64) []float64 {
	out, before := make([]float64, len(probabilities)), 0.0
	for _, k := range order {
		out[k] = before + u*probabilities[k]
		before += probabilities[k]
	}
	return out
}
