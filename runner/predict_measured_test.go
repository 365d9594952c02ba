package main

import (
	"math"
	"slices"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestBesideFinals: what is measured elsewhere stands beside what the run said of its own test
// cases, or else of validation.
func TestBesideFinals(t *testing.T) {
	t.Parallel()
	final := func(series, name string, value float64) stage.Scalar {
		return stage.Scalar{Series: series, Name: name, Value: value, Epoch: stage.Final}
	}
	record := &results.RunRecord{RunSummary: results.RunSummary{Finals: []stage.Scalar{
		final("validation", "f1", 0.7), final("test", "f1", 0.75), final("test calibrated", "f1", 0.8),
		final("validation", "auroc", 0.9), final("test", "auroc", math.NaN()), final("test fold 1", "loss", 3),
	}}}
	record.Finals[2].Interval = &stage.Interval{Low: 0.75, High: 0.85, Level: 0.95}
	here := []stage.Scalar{{Name: "f1", Value: 0.6}, {Name: "auroc", Value: 0.85}, {Name: "loss", Value: 1}}
	got := besideFinals(here, record.Finals, false)
	want := []string{"f1     0.6000  run, test calibrated: 0.8000 (0.7500 to 0.8500)", "auroc  0.8500  run, validation: 0.9000", "loss   1.0000"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := besideFinals(here[:1], record.Finals, true); !slices.Equal(got, []string{"f1  0.6000  run, test: 0.7500"}) {
		t.Errorf("raw: got %q", got)
	}
}
