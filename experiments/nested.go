package experiments

import (
	"maps"
	"slices"
	"strings"

	"vertebra/stages/stage"
	"vertebra/sweeps"
)

// NestedFits says why the trials of a sweep cannot be chosen fold by fold, as a nested
// cross-validation does; "" where they can. Each fold is to be one run of each trial, tested on its
// own cases. A proposal or an early end that other folds led would be led by cases that this one
// tests, so searches and stoppers that learn are refused (Varma and Simon 2006, Bias in error
// estimation when using cross-validation for model selection; Cawley and Talbot 2010, On over-fitting
// in model selection).
func NestedFits(e Experiment, c sweeps.Config) (path, text, hint string) {
	learns := "led by what other folds validated, which this fold tests"
	search, ok := c.Search.Part.(interface{ Independent() bool })
	objective := c.Objective
	if objective == "" {
		objective = e.Train.Monitor
	}
	for _, varied := range slices.Sorted(maps.Keys(c.Space)) {
		if strings.HasPrefix(varied, "data.split") {
			return "sweep.space." + varied, "a nested cross-validation needs the same folds in all trials", "leave it out of the space"
		}
	}
	switch {
	case !c.Folds:
		return "sweep.nested", "a trial is chosen for each fold, and the folds of a trial are one run", "write sweep: {folds: true}, which makes a run of each fold"
	case !e.Data.Split.TestsInTurn():
		return "sweep.nested", "each fold tests the trial that it chose, and folds of data.split validate", "write data: {split: {rotate: test}}"
	case !ok || !search.Independent():
		return "sweep.search", c.Search.Name + " proposes trials by what earlier ones gave: they would be " + learns, "write search: random, halton or grid, or leave nested out"
	case c.Stop.Name != "none":
		return "sweep.stop", c.Stop.Name + " ends trials early by what others gave: that would be " + learns, "write stop: none, or leave nested out"
	case c.Seeds > 1:
		return "sweep.seeds", "each fold chooses one net, and a trial has several seeds", "write seeds: 1, or leave nested out"
	case !strings.HasPrefix(objective, string(stage.Validation)+"."):
		return "sweep.objective", "a fold chooses by its validation cases, and " + objective + " is none of their numbers", "write objective: validation.loss, or another number of validation"
	}
	return "", "", ""
}
