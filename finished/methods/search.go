package methods

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

// Search is the sweep that a run's settings come from: the run is one of its trials, or has the
// settings of one.
type Search struct {
	Sweep *results.SweepRecord
	Trial *results.Trial
	// Value is what the trial was judged by, and Written that of the settings as they were before
	// the search; NaN where nobody knows.
	Value, Written float64
	// Rank is the trial's place, from 1, among those Ranked that could have been chosen; 0 for none.
	Rank, Ranked int
	// SameSplit says that the run's cases are divided as the trial's were.
	SameSplit bool
	// Nested says that each fold of a nested cross-validation chose a trial, this one the first.
	Nested bool
}

// chosen says where settings come from that a search chose.
func (t *text) chosen() error {
	s, known := t.searches[t.run.ID]
	if !known {
		return nil
	}
	of, err := experiments.ReadSweep([]byte(s.Sweep.Experiment))
	if err != nil {
		return fmt.Errorf("sweep %s: %w", s.Sweep.ID, err)
	}
	t.say("## Choice of settings\n")
	c := of.Config
	t.paragraph(
		s.whose(),
		fmt.Sprintf("It was by %s: %s.", registry.Words(c.Search), c.Search.Help()),
		s.tried(c.Stop.Name),
	)
	if !s.Nested {
		t.paragraph(s.judged(c.Seeds, c.Folds), s.place(), t.worth(s))
	}
	if c.Stop.Name != "none" {
		t.paragraph(fmt.Sprintf("Trials ended early by %s, which %s.", registry.Words(c.Stop), c.Stop.Help()))
	}
	s.searched(t, of.Space)
	return nil
}

func (s Search) whose() string {
	if s.Nested {
		return fmt.Sprintf("The settings below are those of the first fold's choice in a search (sweep %s); those that other folds chose differ in what was searched.", s.Sweep.ID)
	}
	return fmt.Sprintf("The settings are those of trial %d of a search (sweep %s).", s.Trial.Number, s.Sweep.ID)
}

// searched is the table of what was searched, with what the trial has.
func (s Search) searched(t *text, space sweeps.Space) {
	var rows [][]any
	for _, p := range space.Params {
		among := p.Words()
		if when := p.Conditions(); when != "" {
			among += " (where " + when + ")"
		}
		value, counts := s.Trial.Settings[p.Path]
		if !counts {
			value = "–"
		}
		rows = append(rows, []any{p.Path, withoutFolders(among), withoutFolders(value)})
	}
	t.table("Searched were:", []string{"setting", "among", "taken"}, rows)
}

// folders are the folders of a path in a setting.
var folders = regexp.MustCompile(`[^\s{}\[\],:'"]*/`)

// withoutFolders keeps of paths the last name: folders tell of people and machines.
func withoutFolders(value string) string { return folders.ReplaceAllString(value, "") }

// tried counts the trials by what became of them.
func (s Search) tried(stopper string) string {
	counts := map[results.TrialState]int{}
	all := 0
	for _, one := range s.Sweep.Trials {
		if one.Replicate == 0 {
			counts[one.State]++
			all++
		}
	}
	var of []string
	add := func(n int, words string) {
		if n > 0 {
			of = append(of, fmt.Sprint(n, " ", words))
		}
	}
	add(counts[results.TrialDone], "were trained to the end")
	early := counts[results.Stopped]
	if s.Sweep.Status == results.SweepDone && stopper != "none" {
		early, counts[results.Paused] = early+counts[results.Paused], 0
	}
	add(early, "ended early")
	add(counts[results.TrialFailed], "failed")
	add(counts[results.Paused]+counts[results.Queued]+counts[results.TrialRunning], "were not done")
	return fmt.Sprintf("Of %s, %s.", plural(all, "trial", "trials"), and(of))
}

// judged says by what number a trial counted.
func (s Search) judged(seeds int, folds bool) string {
	mean := ""
	switch {
	case folds && seeds > 1:
		mean = fmt.Sprintf(", in the mean of all folds and %d seeds", seeds)
	case folds:
		mean = ", in the mean of all folds"
	case seeds > 1:
		mean = fmt.Sprintf(", in the mean of %d seeds", seeds)
	}
	better := "the lower the better"
	if s.Sweep.Better == stage.HigherBetter {
		better = "the higher the better"
	}
	return fmt.Sprintf("Trials were judged by %s%s (%s).", s.Sweep.Objective, mean, better)
}

// place is how this trial did.
func (s Search) place() string {
	switch {
	case s.Rank == 0:
		return "This one was not trained to the end there."
	case s.Trial.Origin == results.Baseline:
		return fmt.Sprintf("This one has the settings as they were written before the search (%s), and came in %s.", number(s.Value), s.ranked())
	}
	said := fmt.Sprintf("This one came in %s, with %s", s.ranked(), number(s.Value))
	if !math.IsNaN(s.Written) {
		said += fmt.Sprintf("; the settings as they were written before the search had %s", number(s.Written))
	}
	return said + "."
}

func (s Search) ranked() string {
	if s.Rank == 1 {
		return fmt.Sprintf("best of %d", s.Ranked)
	}
	return fmt.Sprintf("at place %d of %d", s.Rank, s.Ranked)
}

// worth says what a number is worth that a choice was made by.
func (t *text) worth(s Search) string {
	split, _, _ := strings.Cut(s.Sweep.Objective, ".")
	said := fmt.Sprintf("The best of many is too good in the number that it was chosen by, so numbers of %s are; the sweep's report says by how much.", split)
	tested := slices.ContainsFunc(t.run.Finals, func(one stage.Scalar) bool { return one.Series == string(stage.Test) })
	switch {
	case !s.SameSplit:
		said += " Cases were divided otherwise in the search, so those that it chose by may be among the test cases of this run."
	case tested && t.of.Data.Split.TestsInTurn():
		said += " Cases that one fold tests are validated on in others, so those of test may be, too."
	case tested:
		said += " Test cases had no part in the choice."
	}
	return said
}
