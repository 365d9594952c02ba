package evaluate

import "vertebra/stages/stage"

// The words of the setting average.
const (
	macro    = "macro"
	weighted = "weighted"
	both     = "both"
)

// averageScalars names the averages of a number of each class: macro_f1.
func averageScalars(average, name, title string) []stage.Scalar {
	m := stage.Scalar{Name: "macro_" + name, Title: "Macro " + title, Better: stage.HigherBetter}
	w := stage.Scalar{Name: "weighted_" + name, Title: "Weighted " + title, Better: stage.HigherBetter}
	switch average {
	case weighted:
		return []stage.Scalar{w}
	case both:
		return []stage.Scalar{m, w}
	}
	return []stage.Scalar{m}
}

// averages gives the values of averageScalars.
func averages(average string, scores []classScores, of func(classScores) float64) []float64 {
	m, w := macroMean(scores, of), weightedMean(scores, of)
	switch average {
	case weighted:
		return []float64{w}
	case both:
		return []float64{m, w}
	}
	return []float64{m}
}

// macroMean is the mean over the classes that occur or are predicted, as
// scikit-learn averages over the labels it sees.
func macroMean(scores []classScores, of func(classScores) float64) float64 {
	sum, n := 0.0, 0.0
	for _, c := range scores {
		if c.support+c.predicted > 0 {
			sum += of(c)
			n++
		}
	}
	return sum / n
}

// weightedMean counts each class as often as it has cases.
func weightedMean(scores []classScores, of func(classScores) float64) float64 {
	sum, n := 0.0, 0.0
	for _, c := range scores {
		sum += c.support * of(c)
		n += c.support
	}
	return sum / n
}
