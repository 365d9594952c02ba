package main

import (
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestLasted: a phase of all folds lasts as long as the one in the middle, to its best epoch or to its
// end, each counted from its own beginning.
func TestLasted(t *testing.T) {
	t.Parallel()
	of := func(name string, first, last, best int) stage.PhaseRecord {
		return stage.PhaseRecord{Name: name, FirstEpoch: first, LastEpoch: last, BestEpoch: best}
	}
	folds := &results.RunRecord{Phases: []stage.PhaseRecord{
		of("head fold 1", 1, 3, 3), of("all fold 1", 4, 20, 9), of("head fold 2", 1, 3, 1), of("all fold 2", 4, 13, 5), of("head fold 3", 1, 3, 2), of("all fold 3", 4, 30, 23), of("all fold 4", 4, 9, 8),
	}}
	one := &results.RunRecord{Phases: []stage.PhaseRecord{of("all", 1, 12, 7), of("more", 0, 0, 0)}}
	for _, c := range []struct {
		record *results.RunRecord
		phase  string
		best   bool
		want   int
	}{
		{folds, "head", true, 2}, {folds, "head", false, 3}, {folds, "all", true, 6}, {folds, "all", false, 17}, {one, "all", true, 7}, {one, "all", false, 12}, {one, "more", true, 99}, {one, "other", true, 99},
	} {
		if got := lasted(c.record, c.phase, c.best, 99); got != c.want {
			t.Errorf("%s, best %v: got %d, want %d", c.phase, c.best, got, c.want)
		}
	}
}
