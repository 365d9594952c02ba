package methods

import (
	"math"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// searched is a run of sweep.yaml whose settings come from a search.
func searched(t *testing.T, change func(*Search), sets ...string) (About, *results.RunRecord) {
	t.Helper()
	sweep, _, err := experiments.LoadSweep("../../experiments/sweep.yaml", sets)
	if err != nil {
		t.Fatal(err)
	}
	rec := &results.SweepRecord{SweepSummary: results.SweepSummary{ID: "2026-11-28-night", Status: results.SweepDone,
		SweepInfo: results.SweepInfo{Experiment: string(sweep.Resolved()), Objective: "validation.loss", Better: stage.LowerBetter}}}
	for i, state := range []results.TrialState{results.TrialDone, results.TrialDone, results.Stopped, results.TrialFailed, results.Paused} {
		rec.Trials = append(rec.Trials, &results.Trial{Number: i, State: state}, &results.Trial{Number: i, Replicate: 1, State: state})
	}
	run := finished(t, "../../experiments/demo.yaml")
	s := Search{Sweep: rec, Trial: rec.Trials[2], Value: 0.25, Written: 0.5, Rank: 1, Ranked: 2, SameSplit: true}
	s.Trial.Settings = map[string]string{sweep.Space.Params[0].Path: "{weights: ../ada/net.pth, rate: 1e-3}"}
	change(&s)
	return About{Run: run, Searches: map[string]Search{run.ID: s}}, run
}

// TestSearch: settings that a search chose are told with what was searched, and what that is worth.
func TestSearch(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		change func(*Search)
		sets   []string
		want   string
	}{
		{func(*Search) {}, nil, "## Choice of settings\n\nThe settings are those of trial 1 of a search (sweep 2026-11-28-night). It was by "},
		{func(*Search) {}, nil, "Of 5 trials, 2 were trained to the end, 2 ended early and 1 failed."},
		{func(*Search) {}, []string{"sweep.stop=none"}, "2 were trained to the end, 1 ended early, 1 failed and 1 were not done."},
		{func(*Search) {}, []string{"sweep.seeds=3"}, "Trials were judged by validation.loss, in the mean of 3 seeds (the lower the better). This one came in best of 2, with 0.25; the settings as they were written before the search had 0.5."},
		{func(s *Search) { s.Rank, s.Written = 2, math.NaN() }, nil, "came in at place 2 of 2, with 0.25. The best of many"},
		{func(s *Search) { s.Rank = 0 }, nil, "This one was not trained to the end there."},
		{func(s *Search) { s.Trial.Origin = results.Baseline }, nil, "as they were written before the search (0.25), and came in best of 2."},
		{func(s *Search) { s.Sweep.Better = stage.HigherBetter }, nil, "(the higher the better)"},
		{func(*Search) {}, nil, "Test cases had no part in the choice."},
		{func(s *Search) { s.SameSplit = false }, nil, "those that it chose by may be among the test cases"},
		{func(*Search) {}, nil, "Trials ended early by asha ("},
		{func(*Search) {}, nil, "| {weights: net.pth, rate: 1e-3} |\n"},
	} {
		about, _ := searched(t, one.change, one.sets...)
		text, err := about.Write()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), one.want) {
			t.Errorf("the text lacks %q:\n%s", one.want, text)
		}
		for _, wrong := range []string{"%!", "()", "ada/", " .", "..", "NaN"} {
			if strings.Contains(string(text), wrong) {
				t.Errorf("the text has %q:\n%s", wrong, text)
			}
		}
	}
}

// TestSearchOfAnother: of a run that no search is known of nothing is told of one.
func TestSearchOfAnother(t *testing.T) {
	t.Parallel()
	about, run := searched(t, func(*Search) {})
	run.ID = "another"
	text, err := about.Write()
	if err != nil || strings.Contains(string(text), "search") {
		t.Errorf("got %v:\n%s", err, text)
	}
}
