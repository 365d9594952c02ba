package evaluate

func init() {
	ConformalMethods.Add("lac", "the classes of the highest probabilities (least ambiguous sets): the smallest sets on average; one may be empty", LAC{})
}

// LAC takes every class whose probability is high enough: the sets that are smallest on
// average where probabilities are true (Sadinle, Lei and Wasserman 2019, "Least ambiguous
// set-valued classifiers with bounded error levels").
type LAC struct{}

// Scores are what the probabilities lack to 1.
func (LAC) Scores(probabilities []float64, _ float64) []float64 {
	out := make([]float64, len(probabilities))
	for k, v := range probabilities {
		out[k] = 1 - v
	}
	return out
}

// Rule is that in words.
func (LAC) Rule() string { return "1 - its probability" }
