package pack

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/packages"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// TestStepsOfTraining: a package says which versions of its steps the run was trained with, whatever
// this program does.
func TestStepsOfTraining(t *testing.T) {
	t.Parallel()
	resize := preprocess.Resize{}.Version()
	record := &results.RunRecord{Facts: []stage.Fact{{Name: preprocess.StepsFact, Value: fmt.Sprintf("decode %d, resize %d", preprocess.Decode{}.Version(), resize-1)}}}
	e, err := experiments.Stored("data: {source: {folders: {root: x}}}\ntrain: {phases: [{name: all, train: [all], epochs: 1}]}\nmodel: {backbone: resnet18}\nname: a\n")
	if err != nil {
		t.Fatal(err)
	}
	if image, err := imageOf(finished.Opened{Run: finished.Stored{Record: record}, Experiment: e}); err != nil || len(image.Steps) != 2 || image.Steps[1].Version != resize-1 {
		t.Errorf("a package of it says %+v, %v", image, err)
	}
}

// TestNumbersOfRuns: a package says the final numbers that the run has, with their intervals; those that
// were not measured stay so, and those of folds and of the training are of splits.
func TestNumbersOfRuns(t *testing.T) {
	t.Parallel()
	final := func(series, name string, value float64) stage.Scalar {
		return stage.Scalar{Series: series, Name: name, Value: value, Epoch: stage.Final}
	}
	record := &results.RunRecord{RunSummary: results.RunSummary{Finals: []stage.Scalar{
		final("validation", "f1", 0.7), final("test calibrated", "f1", 0.8), final("test", "auroc", math.NaN()), final("test fold 1", "loss", 3), final("train", "loss", 2),
	}}}
	record.Finals[1].Interval = &stage.Interval{Low: 0.75, High: 0.85, Level: 0.95, Method: "bca"}
	got := finished.Packed{Run: packages.Run{Numbers: numbersOf(record.RunSummary)}}.Finals()
	words := func(list []stage.Scalar) (out []string) {
		for _, s := range list {
			if s.Series != "train" {
				out = append(out, fmt.Sprint(s.Series, s.Name, s.Value, s.Epoch, s.Interval != nil && *s.Interval == *record.Finals[1].Interval))
			}
		}
		slices.Sort(out)
		return out
	}
	if !slices.Equal(words(got), words(record.Finals)) {
		t.Errorf("got %q, want %q", words(got), words(record.Finals))
	}
}
