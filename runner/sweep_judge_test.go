package main

import (
	"fmt"
	"math"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// judged is a sweep of trials of which each is a number, a replicate, a state and a value.
func judged(better stage.Direction, trials ...results.Trial) sweepBoard {
	rec := &results.SweepRecord{}
	rec.Better = better
	for i, t := range trials {
		if t.Run == "" {
			t.Run = fmt.Sprint("run-", i)
		}
		rec.Trials = append(rec.Trials, &t)
	}
	return sweepBoard{rec: rec}
}

// TestRivals: the best trial is held against the second best and the baseline, where they are others
// and done.
func TestRivals(t *testing.T) {
	t.Parallel()
	done, failed := results.TrialDone, results.TrialFailed
	for name, c := range map[string]struct {
		b    sweepBoard
		want string
	}{
		"both":                            {judged(stage.LowerBetter, results.Trial{Number: 0, State: done, Value: 5, Origin: results.Baseline}, results.Trial{Number: 1, State: done, Value: 1}, results.Trial{Number: 2, State: done, Value: 3}, results.Trial{Number: 3, State: done, Value: 2}), "[trial 3 is the second best trial 0 is the experiment as it was written]"},
		"of what is better where higher":  {judged(stage.HigherBetter, results.Trial{Number: 0, State: done, Value: 5}, results.Trial{Number: 1, State: done, Value: 1, Origin: results.Baseline}, results.Trial{Number: 2, State: done, Value: 3}), "[trial 2 is the second best trial 1 is the experiment as it was written]"},
		"the baseline is the second best": {judged(stage.LowerBetter, results.Trial{Number: 0, State: done, Value: 2, Origin: results.Baseline}, results.Trial{Number: 1, State: done, Value: 1}), "[trial 0 is the second best]"},
		"the baseline is the best":        {judged(stage.LowerBetter, results.Trial{Number: 0, State: done, Value: 1, Origin: results.Baseline}, results.Trial{Number: 1, State: done, Value: 2}), "[trial 1 is the second best]"},
		"others failed":                   {judged(stage.LowerBetter, results.Trial{Number: 0, State: done, Value: 2}, results.Trial{Number: 1, State: failed, Value: 1, Origin: results.Baseline}, results.Trial{Number: 2, State: results.Stopped, Value: 3}), "[]"},
		"the same run":                    {judged(stage.LowerBetter, results.Trial{Number: 0, State: done, Value: 2, Run: "x"}, results.Trial{Number: 1, State: done, Value: 2, Run: "x", Origin: results.Baseline}), "[]"},
		"a trial lacks a run":             {judged(stage.LowerBetter, results.Trial{Number: 0, State: done, Value: 1}, results.Trial{Number: 0, Replicate: 1, State: done, Value: 1}, results.Trial{Number: 1, State: done, Value: 0}, results.Trial{Number: 1, Replicate: 1, State: failed, Value: math.NaN()}, results.Trial{Number: 2, State: done, Value: 3}, results.Trial{Number: 2, Replicate: 1, State: done, Value: 3}), "[trial 2 is the second best]"},
	} {
		var names []string
		for _, r := range c.b.rivals(bestTrial(c.b.rec)) {
			names = append(names, r.name)
		}
		if got := fmt.Sprint(names); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// TestChoosable: what choosing is worth is a matter of the trials that could have been chosen: those
// with all of their runs, the best first, and runs that trials share once.
func TestChoosable(t *testing.T) {
	t.Parallel()
	trial := func(number, replicate int, state results.TrialState, value float64) results.Trial {
		return results.Trial{Number: number, Replicate: replicate, State: state, Value: value}
	}
	done := results.TrialDone
	b := judged(stage.LowerBetter,
		trial(0, 0, done, 3), trial(0, 1, done, 5), trial(1, 0, done, 0.5), trial(1, 1, results.TrialFailed, math.NaN()),
		trial(2, 0, done, 1), trial(2, 1, done, 2), trial(3, 0, results.Stopped, 0), trial(3, 1, done, 0), trial(4, 0, done, 2), trial(4, 1, done, 3))
	b.rec.Trials[8].Run = b.rec.Trials[0].Run // trial 4 is trial 0 again
	var numbers []int
	for _, t := range b.choosable() {
		numbers = append(numbers, t.Number)
	}
	if got := fmt.Sprint(numbers); got != "[2 0]" {
		t.Errorf("got the trials %s, want 2 and 0", got)
	}
}

// TestMetricOf: what an objective watches.
func TestMetricOf(t *testing.T) {
	t.Parallel()
	for objective, want := range map[string]string{"validation.loss": "loss", "validation.f1.macro": "f1.macro", "loss": "loss", "": ""} {
		if got := metricOf(objective); got != want {
			t.Errorf("%q: got %q, want %q", objective, got, want)
		}
	}
}
