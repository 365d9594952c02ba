package ensemble

import (
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// Tested is what runs of single folds that test in turn say of their test cases, as runner predict
// would give it: each case once, by the net of its fold. The runs may have other settings.
func Tested(records []*results.RunRecord) ([]stage.Prediction, error) {
	var runs []evaluate.FoldRun
	for _, r := range records {
		m, err := memberOf(r, r.ID, false)
		if err != nil {
			return nil, err
		}
		runs = append(runs, evaluate.FoldRun{Member: m.Member, Fold: m.split.Fold, Tests: true})
	}
	joined, _, err := evaluate.Rejoined(runs)
	if err != nil {
		return nil, err
	}
	items := evaluate.LastOf(joined.Predictions, stage.Test)
	slices.SortFunc(items, func(a, b stage.Prediction) int { return strings.Compare(a.CaseID, b.CaseID) })
	return items, nil
}
