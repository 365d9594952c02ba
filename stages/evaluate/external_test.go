package evaluate

import (
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestExternal: of its own test split, what a run knew gives the numbers that the run gave, with
// calibration and sets, and nothing is learnt of the cases.
func TestExternal(t *testing.T) {
	t.Parallel()
	items := halves(some(480))
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}, {Name: "accuracy"}, {Name: "confusion"}, {Name: "recalibration"}}, Sets: lacSets(0.8),
		Calibrate: &registry.One[Calibrator]{Name: "temperature", Part: Temperature{}},
		Intervals: Intervals{Resamples: 200, Level: 0.95, Method: "bca", Draw: "groups"}}
	run := tellAll(t, cfg, classes, items)
	var finals []stage.Scalar
	for _, s := range run.values {
		finals = append(finals, s)
	}
	got := collectAll(t, func(to stage.Recorder) error {
		return External(t.Context(), stage.Env{Seed: 5, Recorder: to}, cfg, classes, ofSplit(items, stage.Test),
			Known{Calibration: run.facts[CalibrationFact], Sets: run.facts[SetsFact], Finals: finals, Decides: "loss"})
	})
	same := 0
	for name, want := range run.values {
		if want.Series != string(stage.Test) && want.Series != calibratedSeries {
			continue
		}
		if s, there := got.values[name]; !there || s.Value != want.Value || want.Interval != nil && *s.Interval != *want.Interval {
			t.Errorf("%s: got %+v, the run has %+v", name, s, want)
		}
		same++
	}
	if same < 10 || len(got.values) != same {
		t.Errorf("%d numbers, %d of them the run's", len(got.values), same)
	}
	if got.facts[CalibrationFact] != run.facts[CalibrationFact] || got.facts[SetsFact] != run.facts[SetsFact] {
		t.Errorf("facts %v", got.facts)
	}
	if row := got.tables["Beside the run's own data"].Rows[0]; row[0] != "Log loss" && row[0] != "Loss" || row[4].(stage.Estimate).Value != 0 || row[5] != "indistinguishable" {
		t.Errorf("first row %v", row)
	}
	if of := got.tables["Observed and expected cases of each class"]; of.Section != "external" || len(of.Rows) != len(classes) {
		t.Errorf("%+v", of)
	}
	if _, there := got.tables["Thresholds of prediction sets: lac, coverage 0.8"]; there {
		t.Error("thresholds are told as if they came of these cases")
	}
}

// TestExternalAsksForRecalibration: also of a run that did not measure it.
func TestExternalAsksForRecalibration(t *testing.T) {
	t.Parallel()
	items := halves(some(60))
	got := collectAll(t, func(to stage.Recorder) error {
		return External(t.Context(), stage.Env{Recorder: to}, Config{Metrics: []registry.One[Metric]{{Name: "loss"}}}, classes, ofSplit(items, stage.Test), Known{})
	})
	if _, there := got.values["test calibration_slope"]; !there {
		t.Errorf("got %v", got.values)
	}
	for _, known := range []Known{{Calibration: "{"}, {Sets: "{"}} {
		if err := External(t.Context(), stage.Env{Recorder: stage.Discard}, Config{Sets: lacSets(0.8)}, classes, ofSplit(items, stage.Test), known); err == nil {
			t.Errorf("took %+v", known)
		}
	}
}
