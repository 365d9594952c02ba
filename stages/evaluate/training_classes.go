package evaluate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"vertebra/stages/stage"
)

// TrainingFact is the name of the stored fact that counts the classes of the training
// cases, in JSON: what a guess without images knows. Training cases are not stored
// themselves. There is none of a cross-validation, whose cases are all predicted.
const TrainingFact = "training classes"

// counted are the training cases of one place.
type counted struct {
	Target    string `json:"target,omitempty"`
	Condition string `json:"condition,omitempty"`
	Level     string `json:"level,omitempty"`
	Cases     []int  `json:"cases"` // of each class
}

// trainingFact is what is stored; nothing where there are no training cases.
func trainingFact(classes int, cases []stage.Case) ([]stage.Record, error) {
	at := map[place][]int{}
	for _, c := range cases {
		if !priorOf(c, classes) {
			continue
		}
		here := placeOf(c.Tags)
		if at[here] == nil {
			at[here] = make([]int, classes)
		}
		at[here][c.Label]++
	}
	if len(at) == 0 {
		return nil, nil
	}
	var list []counted
	for _, here := range slices.SortedFunc(maps.Keys(at), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.target, b.target), cmp.Compare(a.condition, b.condition), cmp.Compare(a.level, b.level))
	}) {
		list = append(list, counted{here.target, here.condition, here.level, at[here]})
	}
	text, err := json.Marshal(list)
	return []stage.Record{stage.Fact{Name: TrainingFact, Value: string(text)}}, err
}

// TrainingCases gives cases like those that a stored run was trained on, for the
// baselines of Run, which look at class, target, condition and level alone: those of the
// stored fact, or of a cross-validation the predicted ones.
func TrainingCases(fact string, items []stage.Prediction) (out []stage.Case, err error) {
	if TestedInTurn(items) {
		return casesInTurn(items), nil
	}
	for _, item := range ofSplit(items, stage.Validation) {
		if fold, err := strconv.Atoi(item.Tags[stage.FoldTag]); err == nil && fold > 0 {
			out = append(out, stage.Case{ID: item.CaseID, Group: item.Group, Label: item.Label, Tags: item.Tags, Split: stage.Train, Fold: fold})
		}
	}
	if len(out) > 0 || fact == "" {
		return out, nil
	}
	var list []counted
	if err := json.Unmarshal([]byte(fact), &list); err != nil {
		return nil, fmt.Errorf("stored training classes: %w", err)
	}
	for _, c := range list {
		tags := map[string]string{stage.TargetTag: c.Target, "condition": c.Condition, "level": c.Level}
		for label, n := range c.Cases {
			for range n {
				out = append(out, stage.Case{Label: label, Tags: tags, Split: stage.Train})
			}
		}
	}
	return out, nil
}
