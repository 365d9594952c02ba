package evaluate

import (
	"slices"

	"vertebra/stages/stage"
)

// MeanOfFolds gives what the folds of a cross-validation say together of the test
// split, as scikit-learn's soft voting does: the mean of the probabilities of each
// case that all of them predict, in the order of the first. Items are named as
// stage.Fold.Prediction does.
func MeanOfFolds(items []stage.Prediction) []stage.Prediction {
	members := foldsOf(items).of(stage.Test)
	if len(members) == 0 {
		return nil
	}
	sums, votes := map[string][]float64{}, map[string]int{}
	for _, m := range members {
		for _, item := range m.items {
			if sums[item.CaseID] == nil {
				sums[item.CaseID] = make([]float64, len(item.Probabilities))
			}
			for k, v := range item.Probabilities {
				sums[item.CaseID][k] += v
			}
			votes[item.CaseID]++
		}
	}
	var out []stage.Prediction
	for _, item := range members[0].items {
		if votes[item.CaseID] == len(members) {
			out = append(out, together(item, sums[item.CaseID], len(members)))
		}
	}
	return out
}

func together(item stage.Prediction, sums []float64, members int) stage.Prediction {
	item.Probabilities = make([]float64, len(sums))
	for k, v := range sums {
		item.Probabilities[k] = v / float64(members)
	}
	tags := map[string]string{}
	for tag, value := range item.Tags {
		if tag != stage.FoldTag {
			tags[tag] = value
		}
	}
	item.Tags = tags
	return item
}

// OfFolds says whether predictions are of the nets of a cross-validation.
func OfFolds(items []stage.Prediction) bool {
	return slices.ContainsFunc(items, func(p stage.Prediction) bool { return p.Tags[stage.FoldTag] != "" })
}
