package experiments

import (
	"slices"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Each fold is counted as it will be trained, and a class that one lacks is told.
func TestPlanFolds(t *testing.T) {
	t.Parallel()
	cases := audit.Cases{Classes: []string{"mild", "severe"}, Folds: 2}
	add := func(fold, label, n int) {
		for range n {
			c := stage.Case{Fold: fold, Label: label, Split: stage.Train, Group: string(rune('a' + fold))}
			switch fold {
			case 0:
				c.Split = stage.Test
			case 1:
				c.Split = stage.Validation
			}
			cases.Cases = append(cases.Cases, c)
		}
	}
	add(1, 0, 3)
	add(1, 1, 2)
	add(2, 0, 4)
	add(0, 0, 1)
	d := planData(cases)
	want := []FoldPlan{
		{Fold: 1, Train: Count{Name: "train", Cases: 4, Groups: 1, Images: 1, Classes: []int{4, 0}}, Validation: Count{Name: "validation", Cases: 5, Groups: 1, Images: 1, Classes: []int{3, 2}}},
		{Fold: 2, Train: Count{Name: "train", Cases: 5, Groups: 1, Images: 1, Classes: []int{3, 2}}, Validation: Count{Name: "validation", Cases: 4, Groups: 1, Images: 1, Classes: []int{4, 0}}},
	}
	if !slices.EqualFunc(d.FoldRuns, want, func(a, b FoldPlan) bool {
		same := func(a, b Count) bool {
			return a.Name == b.Name && a.Cases == b.Cases && a.Groups == b.Groups && slices.Equal(a.Classes, b.Classes)
		}
		return a.Fold == b.Fold && same(a.Train, b.Train) && same(a.Validation, b.Validation)
	}) {
		t.Errorf("got %+v", d.FoldRuns)
	}
	got := dataWarnings(Default(), Plan{Data: d})
	if want := []string{
		"train.batch: 32 is more than the 4 training cases: an epoch is a single step", "data.split: test has no case of class severe",
		"data.split: the training part of fold 1 has no case of class severe", "data.split: the validation part of fold 2 has no case of class severe",
	}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	cases.Fold = 1
	if alone := planData(cases); alone.FoldRuns != nil {
		t.Errorf("one fold alone: got %+v", alone.FoldRuns)
	}
}
