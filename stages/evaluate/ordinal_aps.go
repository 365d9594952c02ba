package evaluate

func init() {
	ConformalMethods.Add("ordinal_aps", "of ordered classes: the likeliest, then its likelier neighbour, and so on, so that no grade between two others is left out", OrdinalAPS{})
}

// OrdinalAPS lets a set grow from the likeliest class to the likelier of its two neighbours
// (Lu, Angelopoulos and Pomerantz 2022, "Improving trustworthiness of AI disease severity
// rating in medical imaging with ordinal conformal prediction sets"): E = Σ of
// the classes that came before + u·its own; without randomness u is 0, as there. The order is
// that of the classes. Sets grow with the threshold, so split conformal prediction holds.
type OrdinalAPS struct {
	Randomised bool `help:"leaves the last class of a set out by chance, so that coverage is exact: sets are smaller, some empty; the chance is a function of seed and case id"`
}

// Scores add up probabilities outwards from the highest.
func (m OrdinalAPS) Scores(probabilities []float64, u float64) []float64 {
	if !m.Randomised {
		u = 0
	}
	return piled(probabilities, outwards(probabilities), u)
}

// Contiguous says that a set is a range of grades.
func (OrdinalAPS) Contiguous() {}

// Rule is that in words.
func (m OrdinalAPS) Rule() string {
	return "of a range of classes that begins with the likeliest and always takes the likelier of its two neighbours (of equal ones the lower), the sum of the probabilities before it joins" +
		chance(m.Randomised)
}

// outwards lists the classes as the range takes them in.
func outwards(probabilities []float64) []int {
	first := largest(probabilities)
	order, low, high := []int{first}, first-1, first+1
	for low >= 0 || high < len(probabilities) {
		if high >= len(probabilities) || low >= 0 && probabilities[low] >= probabilities[high] {
			order, low = append(order, low), low-1
		} else {
			order, high = append(order, high), high+1
		}
	}
	return order
}
