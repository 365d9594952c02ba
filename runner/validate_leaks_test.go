package main

import (
	"fmt"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestSharedCases: cases that are called as those of a run are told, with what is wrong with that; not
// those of its test split alone, which nothing was learnt from.
func TestSharedCases(t *testing.T) {
	t.Parallel()
	run := func(folds bool, splits string) storedRun {
		r := &results.RunRecord{RunSummary: results.RunSummary{ID: "2026-11-27-a"}}
		for i, letter := range splits {
			item := stage.Prediction{CaseID: fmt.Sprint("c", i), Split: map[rune]stage.Split{'v': stage.Validation, 't': stage.Test}[letter]}
			if folds {
				item.Tags = map[string]string{stage.FoldTag: "1"}
			}
			r.Predictions = append(r.Predictions, item)
		}
		return storedRun{record: r}
	}
	others, chose, folds := "others that the nets were trained on may be among them", "they chose its weights or its calibration", "nets of other folds were trained on them"
	for name, c := range map[string]struct {
		run   storedRun
		cases string // numbers of cases; x for one that the run does not know
		want  string // how many, which, and why; "" for nothing
	}{
		"none":                         {run(false, "vvtt"), "xxx", ""},
		"the test split":               {run(false, "vvtt"), "23", ""},
		"the test split, and others":   {run(false, "vvtt"), "2x3", "2 of 3 cases are called as cases of run 2026-11-27-a, such as c2: if they are the same, " + others},
		"what chose":                   {run(false, "vvtt"), "10", "2 of 2 cases are called as cases of run 2026-11-27-a, such as c1: if they are the same, " + chose},
		"what chose, and tests":        {run(false, "vvtt"), "201", "3 of 3 cases are called as cases of run 2026-11-27-a, such as c0: if they are the same, " + chose},
		"what chose, and others":       {run(false, "vvtt"), "x1", "1 of 2 cases are called as cases of run 2026-11-27-a, such as c1: if they are the same, " + others},
		"cases that folds validated":   {run(true, "vvtt"), "01x", "2 of 3 cases are called as cases of run 2026-11-27-a, such as c0: if they are the same, " + folds},
		"cases that all folds tested":  {run(true, "vvtt"), "23", ""},
		"a run that stored no numbers": {run(false, ""), "01", ""},
	} {
		var cases []stage.Case
		for _, letter := range c.cases {
			cases = append(cases, stage.Case{ID: "c" + string(letter)})
		}
		want := c.want
		if want != "" {
			want += ", and the numbers are too good"
		}
		if got := sharedCases(c.run, cases); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}
