package main

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// words say what the procedure is worth, by the number that decides.
func (n nestedSweep) words() string {
	_, name, _ := strings.Cut(n.objective, ".")
	worth, known := n.numbers[name]
	if !known {
		return fmt.Sprintf("each fold chose a trial by its own validation cases; there is no %s of the test cases", name)
	}
	text := fmt.Sprintf("searching and then training is worth a test %s of %s (nested cross-validation: each fold is tested with the trial that its own validation cases chose)", worth.Title, finalText(worth))
	naive, has := n.naive[name]
	switch {
	case has && n.agree():
		text += fmt.Sprintf("; all folds chose trial %d", n.best.Number)
	case has:
		text += fmt.Sprintf("; trial %d, which all folds together chose, has %s, which may be too good for that", n.best.Number, finalText(naive))
	}
	return text
}

// agree says whether each fold chose the trial that all together did.
func (n nestedSweep) agree() bool {
	return !slices.ContainsFunc(n.folds, func(f nestedFold) bool { return n.best == nil || f.trial.Number != n.best.Number })
}

// tables are which trial each fold chose, and what they say together beside the best trial.
func (n nestedSweep) tables() []stage.Record {
	_, decides, _ := strings.Cut(n.objective, ".")
	chosen := stage.Table{Name: "nested_folds", Title: "Chosen by each fold", Section: "nested", Columns: []string{"fold", "trial", "of", n.objective, "test", "settings"},
		Note: "each fold chooses by its own validation cases, which train in other folds, and tests with what it chose"}
	for _, f := range n.folds {
		row := []any{f.number, f.trial.Number, f.among, f.trial.Value, "", strings.TrimSpace(settingWords(f.trial))}
		for _, series := range []string{"test", "test calibrated"} { // the latter where there is one
			if at := slices.IndexFunc(f.run.Finals, func(s stage.Scalar) bool { return s.Series == series && s.Name == decides }); at >= 0 {
				row[4] = estimateOf(f.run.Finals[at])
			}
		}
		chosen.Rows = append(chosen.Rows, row)
	}
	worth := stage.Table{Name: "nested", Title: "What searching and training is worth, test", Section: "nested", Columns: []string{"number", "chosen by each fold"},
		Note: "over the test cases of all folds together (Varma and Simon 2006; Cawley and Talbot 2010)"}
	if n.naive != nil {
		worth.Columns = append(worth.Columns, fmt.Sprintf("trial %d, chosen by all folds", n.best.Number))
		worth.Note += "; the best trial was chosen by validation cases of all folds, among which are those that it is tested on: its numbers may be too good"
	}
	for _, s := range n.names {
		row := []any{s.Title, estimateOf(n.numbers[s.Name])}
		if n.naive != nil {
			row = append(row, estimateOf(n.naive[s.Name]))
		}
		worth.Rows = append(worth.Rows, row)
	}
	return []stage.Record{worth, chosen}
}

// estimateOf is a number with its interval, where it has one.
func estimateOf(s stage.Scalar) any {
	if s.Interval == nil {
		return s.Value
	}
	return stage.Estimate{Value: s.Value, Low: s.Interval.Low, High: s.Interval.High}
}
