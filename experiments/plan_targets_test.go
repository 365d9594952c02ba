package experiments

import (
	"slices"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// TestTargetWarnings: what a split lacks of a target is told, also where another target has
// the class; not what the data lack as a whole.
func TestTargetWarnings(t *testing.T) {
	t.Parallel()
	cases := audit.Cases{Classes: []string{"no", "yes"}, Targets: []string{"edema", "mass", "nodule"}}
	add := func(split stage.Split, fold, target, label int) {
		cases.Cases = append(cases.Cases, stage.Case{Split: split, Fold: fold, Target: target, Label: label})
	}
	for target := range 3 {
		add(stage.Validation, 1, target, 0)
		add(stage.Train, 2, target, 0)
	}
	add(stage.Validation, 1, 0, 1)
	add(stage.Validation, 1, 1, 1)
	add(stage.Train, 2, 0, 1)
	if got, want := targetWarnings(cases), []string{"data.split: train has no case of class yes of mass"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	cases.Folds = 2
	want := []string{"data.split: the training part of fold 1 has no case of class yes of mass", "data.split: the validation part of fold 2 has no case of class yes of mass"}
	if got := targetWarnings(cases); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := firstOf([]string{"a", "b", "c", "d", "e", "f"}), "6 targets: a, b, c, d, e, …"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	cases.Targets = nil
	if got := targetWarnings(cases); got != nil {
		t.Errorf("one target: got %q", got)
	}
}
