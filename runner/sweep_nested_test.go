package main

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// TestChosenBy: each fold chooses by its own number alone, among the trials that are done in it; trials
// that people added may have been led by others.
func TestChosenBy(t *testing.T) {
	t.Parallel()
	values := [][]float64{{0.5, 0.9}, {0.7, 0.3}, {0.6, 0.8}, {0.1, 0.1}, {0.2, math.NaN()}, {math.NaN(), 0.95}}
	rec := &results.SweepRecord{SweepSummary: results.SweepSummary{ID: "s"}}
	for number, of := range values {
		for replicate, v := range of {
			one := &results.Trial{Number: number, Replicate: replicate, Origin: results.Searched, State: results.TrialDone, Value: v, Run: fmt.Sprint(number, replicate)}
			if number == 3 {
				one.Origin = results.Added
			}
			if number == 4 {
				one.State = results.Stopped
			}
			rec.Trials = append(rec.Trials, one)
		}
	}
	for _, c := range []struct {
		better     stage.Direction
		fold, want int
		among      int
	}{{stage.LowerBetter, 1, 0, 3}, {stage.LowerBetter, 2, 1, 4}, {stage.HigherBetter, 1, 1, 3}, {stage.HigherBetter, 2, 5, 4}} {
		rec.Better = c.better
		f, err := sweepBoard{rec: rec}.chosenBy(c.fold)
		if err != nil || f.trial.Number != c.want || f.among != c.among || f.trial.Replicate != c.fold-1 {
			t.Errorf("fold %d: got %+v, %v, want trial %d of %d", c.fold, f, err, c.want, c.among)
		}
	}
	if _, err := (sweepBoard{rec: rec}).chosenBy(3); err == nil || !strings.Contains(err.Error(), "no trial of sweep s is done in fold 3") {
		t.Errorf("got %v", err)
	}
	b := sweepBoard{rec: rec, s: &experiments.Sweep{}}
	if _, err := b.nest(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "sweep s is no nested cross-validation") {
		t.Errorf("got %v", err)
	}
}
