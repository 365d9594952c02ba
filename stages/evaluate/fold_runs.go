package evaluate

import (
	"maps"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// FoldRun is a run that trained one fold of a cross-validation alone.
type FoldRun struct {
	Member
	Fold  int
	Tests bool // folds take turns as test set, not as validation set
}

// Rejoined makes one member of runs of single folds, as if one run had trained them all:
// each validation case is predicted by the net that did not see it, and a test case by the
// mean of all. It refuses runs that validate on the same case, or have other test splits. Of folds
// that test in turn each test case is predicted by the net that did not see it, and what they
// validate on has the fold's name.
func Rejoined(runs []FoldRun) (Member, []Remark, error) {
	if runs[0].Tests {
		return rejoinedTests(runs)
	}
	out := runs[0].Member
	var ids, given []string
	var tests []Member
	seen, tested := map[string]string{}, map[string]string{}
	for _, r := range runs {
		ids, given = append(ids, r.ID), append(given, r.Given)
		for _, item := range LastOf(r.Predictions, stage.Validation) {
			if other, twice := seen[item.CaseID]; twice {
				return out, nil, notBlendable("both %s and %s validate on case %s", other, r.ID, item.CaseID)
			}
			seen[item.CaseID] = r.ID
		}
		only := r.Member
		only.Fingerprint = out.Fingerprint // those of other folds differ by the split alone, which is looked at
		only.Predictions = LastOf(r.Predictions, stage.Test)
		for _, item := range only.Predictions {
			tested[item.CaseID] = r.ID
		}
		tests = append(tests, only)
	}
	slices.Sort(given)
	out.ID, out.Given = strings.Join(ids, ", "), strings.Join(given, "\n")
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		if tests, both := tested[id]; both {
			return out, nil, notBlendable("%s validates on case %s, which is of the test split of %s", seen[id], id, tests)
		}
	}
	joined := Joined{Items: make([][]stage.Prediction, len(runs))}
	if len(tested) > 0 {
		var err error
		if joined, err = Join(tests); err != nil {
			return out, nil, err
		}
	}
	out.Predictions = rejoined(runs, joined.Items)
	return out, joined.Remarks, nil
}

// rejoined names the predictions as those of folds, and adds what the folds say together.
func rejoined(runs []FoldRun, tests [][]stage.Prediction) (all []stage.Prediction) {
	for i, r := range runs {
		for _, item := range slices.Concat(LastOf(r.Predictions, stage.Validation), tests[i]) {
			all = append(all, stage.Fold{Number: r.Fold, Of: len(runs)}.Prediction(item))
		}
	}
	return append(all, MeanOfFolds(all)...)
}

// inTurnPhase is the phase of what folds tested in turn.
const inTurnPhase = "folds"

// rejoinedTests puts together what folds tested in turn.
func rejoinedTests(runs []FoldRun) (Member, []Remark, error) {
	out := runs[0].Member
	out.Predictions = nil
	var ids, given []string
	tested := map[string]string{}
	for _, r := range runs {
		ids, given = append(ids, r.ID), append(given, r.Given)
		for _, item := range LastOf(r.Predictions, stage.Test) {
			if other, twice := tested[item.CaseID]; twice {
				return out, nil, notBlendable("both %s and %s test case %s", other, r.ID, item.CaseID)
			}
			tested[item.CaseID] = r.ID
		}
		for _, item := range slices.Concat(LastOf(r.Predictions, stage.Validation), LastOf(r.Predictions, stage.Test)) {
			item.Phase = inTurnPhase // runs that differ in their phases have spoken last, too
			out.Predictions = append(out.Predictions, stage.Fold{Number: r.Fold, Of: max(2, len(runs)), Tests: true}.Prediction(item))
		}
	}
	slices.Sort(given)
	out.ID, out.Given = strings.Join(ids, ", "), strings.Join(given, "\n")
	return out, nil, nil
}
