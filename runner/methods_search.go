package main

import (
	"context"
	"maps"
	"math"
	"strings"

	"vertebra/experiments"
	"vertebra/finished/methods"
	"vertebra/results"
	"vertebra/stages/stage"
)

// searches finds the sweeps that the settings of runs come from, by the runs' ids.
func searches(ctx context.Context, db *results.DB, runs ...*results.RunRecord) (map[string]methods.Search, error) {
	out := map[string]methods.Search{}
	list, err := db.Sweeps(ctx, "")
	for _, one := range list {
		sweep, err := db.LoadSweep(ctx, one.ID)
		if err != nil {
			return nil, err
		}
		trials := settingsOfTrials(sweep)
		for _, run := range runs {
			if t := trials[settingsOf(run.Experiment)]; t != nil {
				out[run.ID] = nearer(run, out[run.ID], placed(sweep, t))
			}
		}
	}
	maps.DeleteFunc(out, func(_ string, s methods.Search) bool { return s.Trial == nil })
	return out, err
}

// nearer is the search that a run's settings come from, of one that is known and of an earlier one. That a
// run was made before the search, or has the settings as they were written before it, is chance
// unless the search chose these.
func nearer(run *results.RunRecord, known, s methods.Search) methods.Search {
	own, _, _ := strings.Cut(run.Fact(results.TrialFact), "/")
	before := s.Trial.Origin == results.Baseline || run.Started.Before(s.Sweep.Started)
	switch {
	case own == s.Sweep.ID, known.Trial == nil && own == "" && (s.Rank == 1 || !before):
		s.SameSplit = splitOf(run.Experiment) == splitOf(s.Trial.Experiment)
		return s
	}
	return known
}

// settingsOfTrials are the trials of a sweep by their settings.
func settingsOfTrials(sweep *results.SweepRecord) map[string]*results.Trial {
	out := map[string]*results.Trial{}
	for _, t := range sweep.Trials {
		if t.Replicate == 0 && t.Experiment != "" {
			out[settingsOf(t.Experiment)] = t
		}
	}
	return out
}

// settingsOf names what a search may decide: an experiment whatever its seed, names and split.
func settingsOf(experiment string) string { return present(experiment, "data.split", "sweep") }

// splitOf names an experiment with its split, whatever the fold.
func splitOf(experiment string) string { return present(experiment, "data.split.fold", "sweep") }

// present names an experiment, of whatever version, without some settings.
func present(experiment string, without ...string) string {
	family, err := experiments.Family(string(experiments.Present(experiment)), without...)
	if err != nil {
		return experiment
	}
	return family
}

// placed is a trial with its place among those that were trained to the end.
func placed(sweep *results.SweepRecord, t *results.Trial) methods.Search {
	s := methods.Search{Sweep: sweep, Trial: t, Value: math.NaN(), Written: math.NaN()}
	signed := func(number int) float64 {
		if sweep.Better == stage.HigherBetter {
			return -meanValue(sweep, number)
		}
		return meanValue(sweep, number)
	}
	own := meanValue(sweep, t.Number)
	for _, other := range sweep.Trials {
		value := meanValue(sweep, other.Number)
		if other.Replicate > 0 || math.IsNaN(value) {
			continue
		}
		s.Ranked++
		if value < own {
			s.Rank++
		}
		if other.Origin == results.Baseline {
			s.Written = signed(other.Number)
		}
	}
	if !math.IsNaN(own) {
		s.Rank, s.Value = s.Rank+1, signed(t.Number)
	}
	return s
}
