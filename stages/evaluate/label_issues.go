package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// rounding is what probabilities may differ by without saying anything, as in cleanlab.
const rounding = 1e-6

// LabelIssue is a case whose label a net contradicts that did not learn from it.
type LabelIssue struct {
	stage.Prediction
	Suggested int // the class that the net is confident of
}

// Given is the probability of the label, and Other that of the suggestion.
func (l LabelIssue) Given() float64 { return l.Probabilities[l.Label] }

// Other is the probability of the suggested class.
func (l LabelIssue) Other() float64 { return l.Probabilities[l.Suggested] }

// LabelIssues finds labels that are probably wrong, by confident learning (Northcutt, Jiang
// and Chuang 2021, "Confident learning: estimating uncertainty in dataset labels", section
// 3.1; cleanlab's find_label_issues with filter_by="confident_learning"): the net counts as
// confident of class k where its probability is at least the mean that it gives to k over
// the cases labelled k, of several such classes of the likeliest one; a case is an issue if
// that is not its label, nor the label the likeliest class of all. Least probable labels come
// first. Of nets with several targets each
// target is looked at by itself.
func LabelIssues(classes []string, items []stage.Prediction) ([]LabelIssue, error) {
	byTarget := map[string][]stage.Prediction{}
	for _, item := range items {
		if err := checkOne(item, len(classes)); err != nil {
			return nil, fmt.Errorf("case %s: %w", item.CaseID, err)
		}
		target := item.Tags[stage.TargetTag]
		byTarget[target] = append(byTarget[target], item)
	}
	var out []LabelIssue
	for _, of := range byTarget {
		least := meanOwn(len(classes), of)
		for _, item := range of {
			if k := confident(item.Probabilities, least); k >= 0 && k != item.Label && !leans(item) {
				out = append(out, LabelIssue{item, k})
			}
		}
	}
	slices.SortFunc(out, func(a, b LabelIssue) int {
		return cmp.Or(cmp.Compare(a.Given(), b.Given()), cmp.Compare(b.Other(), a.Other()), cmp.Compare(a.CaseID, b.CaseID))
	})
	return out, nil
}

// leans says whether the label is the likeliest class all the same, or as likely.
func leans(item stage.Prediction) bool {
	return item.Probabilities[item.Label] >= slices.Max(item.Probabilities)-rounding
}

// meanOwn is the mean probability of each class over the cases labelled so; of one that no
// case is labelled nothing is enough.
func meanOwn(classes int, items []stage.Prediction) []float64 {
	sums, counts := make([]float64, classes), make([]float64, classes)
	for _, item := range items {
		sums[item.Label] += item.Probabilities[item.Label]
		counts[item.Label]++
	}
	for k := range sums {
		if sums[k] /= counts[k]; counts[k] == 0 {
			sums[k] = math.Inf(1)
		}
	}
	return sums
}

// confident is the likeliest class of those whose probability is enough; -1 where none is.
func confident(probabilities, least []float64) int {
	best := -1
	for k, p := range probabilities {
		if p >= least[k]-rounding && (best < 0 || p > probabilities[best]) {
			best = k
		}
	}
	return best
}
