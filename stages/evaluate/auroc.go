package evaluate

import (
	"math"
	"sort"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("auroc", "chance that a case of a class is ranked above one of another, mean over classes", AUROC{})
}

// AUROC is scikit-learn's roc_auc_score, one class against the rest, macro. A
// class that does not occur, or is the only one, is left out.
type AUROC struct{}

// Scalars is the mean.
func (AUROC) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "macro_auroc", Title: "Macro AUROC", Better: stage.HigherBetter}}
}

// Measure averages over the classes; NaN where there is nothing to rank.
func (m AUROC) Measure(p Predictions) (Result, error) {
	sum, n := 0.0, 0.0
	for class := range p.Classes {
		if a := rankArea(p, class); !math.IsNaN(a) {
			sum += a
			n++
		}
	}
	return one(m, sum/n), nil
}

// rankArea is the Mann-Whitney statistic with mid-ranks for ties (Hanley and
// McNeil 1982).
func rankArea(p Predictions, class int) float64 {
	items := append([]stage.Prediction(nil), p.Items...)
	score := func(i int) float64 { return items[i].Probabilities[class] }
	sort.SliceStable(items, func(i, j int) bool { return items[i].Probabilities[class] < items[j].Probabilities[class] })
	ranks, positives := 0.0, 0.0
	for start := 0; start < len(items); {
		end := start
		for end < len(items) && score(end) == score(start) {
			end++
		}
		for _, item := range items[start:end] {
			if item.Label == class {
				positives++
				ranks += float64(start+1+end) / 2
			}
		}
		start = end
	}
	negatives := float64(len(items)) - positives
	return (ranks - positives*(positives+1)/2) / (positives * negatives)
}
