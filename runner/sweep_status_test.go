package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestMeanValue: the mean of a trial's runs, signed so that smaller is better; nothing unless it has as
// many that are done as any.
func TestMeanValue(t *testing.T) {
	t.Parallel()
	done, stopped := results.TrialDone, results.Stopped
	trials := []results.Trial{
		{Number: 0, State: done, Value: 0.5}, {Number: 0, Replicate: 1, State: done, Value: 0.75},
		{Number: 1, State: done, Value: 0.9}, {Number: 1, Replicate: 1, State: stopped, Value: 0.9}, {Number: 2, State: stopped, Value: 1},
	}
	for better, want := range map[stage.Direction]float64{stage.LowerBetter: 0.625, stage.HigherBetter: -0.625} {
		rec := judged(better, trials...).rec
		if got := meanValue(rec, 0); got != want {
			t.Errorf("%s: %g, want %g", better, got, want)
		}
		for _, number := range []int{1, 2, 3} {
			if got := meanValue(rec, number); !math.IsNaN(got) {
				t.Errorf("%s, trial %d: %g, want nothing", better, number, got)
			}
		}
		if best := bestTrial(rec); best == nil || best.Number != 0 {
			t.Errorf("%s: the best is %+v", better, best)
		}
	}
	rec := judged(stage.HigherBetter, results.Trial{Number: 0, State: done, Value: 0.5}, results.Trial{Number: 1, State: done, Value: 0.75}, results.Trial{Number: 2, State: done, Value: 0.75}).rec
	if best := bestTrial(rec); best.Number != 1 {
		t.Errorf("of higher numbers the best is trial %d, want 1", best.Number)
	}
}

// TestSweepJSON: a trial without a number has null, and so has a sweep without a best one.
func TestSweepJSON(t *testing.T) {
	t.Parallel()
	text := func(rec *results.SweepRecord) string {
		rec.ID, rec.Status, rec.Objective = "2026-11-27-s", results.SweepDone, "validation.loss"
		out, err := json.Marshal(sweepJSON(rec))
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	got := text(judged(stage.LowerBetter, results.Trial{Number: 0, State: results.TrialFailed, Value: math.NaN(), FailureKind: "out_of_memory", Settings: map[string]string{"train.batch": "8"}, Sets: []string{"seed=3"}, Epochs: 2},
		results.Trial{Number: 7, State: results.TrialDone, Value: 0.5, Seconds: 3}).rec)
	for _, want := range []string{`{"sweep":"2026-11-27-s","status":"done","objective":"validation.loss","best_trial":7,"trials":[`,
		`{"trial":0,"replicate":0,"state":"failed","failure":"out_of_memory","epochs":2,"value":null,"seconds":0,"run":"run-0","settings":{"train.batch":"8"},"set":["seed=3"]}`,
		`{"trial":7,"replicate":0,"state":"done","epochs":0,"value":0.5,"seconds":3,"run":"run-1","settings":null}`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want it to hold %s", got, want)
		}
	}
	if got := text(judged(stage.LowerBetter).rec); !strings.Contains(got, `"best_trial":null,"trials":[]`) {
		t.Errorf("got %s", got)
	}
}

// TestCountsWords: trials by their states; where each has several runs, these are counted.
func TestCountsWords(t *testing.T) {
	t.Parallel()
	done, failed := results.TrialDone, results.TrialFailed
	for want, trials := range map[string][]results.Trial{
		"none yet": nil, "2 done, 1 failed": {{Number: 0, State: done}, {Number: 1, State: failed}, {Number: 2, State: done}},
		"3 done, 1 failed (runs of 2 trials)": {{Number: 0, State: done}, {Number: 0, Replicate: 1, State: done}, {Number: 1, State: failed}, {Number: 1, Replicate: 1, State: done}},
	} {
		if got := countsWords(judged(stage.LowerBetter, trials...).rec); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
