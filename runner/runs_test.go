package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestRunsJSON: of a trial its sweep and how that ended it; numbers that JSON has no words for are null.
func TestRunsJSON(t *testing.T) {
	t.Parallel()
	trial := results.RunSummary{ID: "t", Status: results.Interrupted, Seed: 3, Finals: []stage.Scalar{
		{Series: "test", Name: "f1", Value: 0.5}, {Series: "test", Name: "auroc", Value: math.NaN()}, {Series: "test", Name: "loss", Value: math.Inf(1)}}}
	trial.Trial.Sweep, trial.Trial.Number, trial.Trial.State, trial.Trial.Reason = "s", 4, results.Stopped, "asha"
	var out strings.Builder
	if err := writeRunsJSON(world{out: &out}, []results.RunSummary{{ID: "a", Status: results.Done}, trial}); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil || len(got) != 2 {
		t.Fatalf("%v: %s", err, out.String())
	}
	if _, has := got[0]["Sweep"]; has || got[0]["Ended"] != nil || got[0]["Archived"] != nil {
		t.Errorf("a plain run: %v", got[0])
	}
	finals := got[1]["Finals"].(map[string]any)
	if got[1]["Sweep"] != "s" || got[1]["Trial"] != 4. || got[1]["Ended"] != trial.StatusWords() || finals["test.f1"] != 0.5 || len(finals) != 3 || finals["test.auroc"] != nil || finals["test.loss"] != nil {
		t.Errorf("a trial: %v", got[1])
	}
	out.Reset()
	if err := writeRunsJSON(world{out: &out}, nil); err != nil || out.String() != "[]\n" {
		t.Errorf("of none: %q, %v", out.String(), err)
	}
}
