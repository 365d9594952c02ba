package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// likeness is a table that predictions are written like: its columns, and its rows in their
// order, such as the sample_submission.csv of a competition.
type likeness struct {
	file  string
	head  []string
	rows  [][]string
	fill  string // what rows without a prediction get: the mean of the others, or keep, their own; a mistake when empty
	wide  bool   // a row for each sample, whose columns are targets; else one for each case
	cells []likeCell
}

// likeCell is a column: the probability of a class, of one target or of whatever the row is
// about; class −1 is the name of the likeliest one.
type likeCell struct {
	target string
	class  int
}

// fitsLikeness refuses what cannot be asked for together.
func (c predictCommand) fitsLikeness() error {
	switch {
	case c.Fill != "" && c.Like == "":
		return stage.Fault{Err: errors.New("--fill is about the rows of --like"), Hint: "name a table with --like, or leave --fill out"}
	case c.Like != "" && (c.JSON || c.Wide):
		return stage.Fault{Err: errors.New("--like says what the columns are, and so do --json and --wide"), Hint: "leave these out"}
	}
	return nil
}

// readLikeness reads the table, whose first column names the rows, and finds what its other
// columns want to know of a run that is asked so.
func readLikeness(file, fill string, asked stage.Questions) (*likeness, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, stage.Fault{Err: fmt.Errorf("--like: %w", err), Hint: "it takes a CSV file with the columns and rows that are wanted, such as sample_submission.csv"}
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("--like: %s: %w", file, err)
	}
	if len(rows) < 2 || len(rows[0]) < 2 {
		return nil, stage.Fault{Err: fmt.Errorf("--like: %s has not one row to fill", file), Hint: "its first line names columns, and the first cell of each line below a row"}
	}
	l := &likeness{file: file, head: rows[0], rows: rows[1:], fill: fill}
	return l, l.plan(asked)
}

// plan says what the columns are: all of them classes; or all of them targets, or a class of
// one; or a single one of another name, which gets the probability of the last of two classes,
// else the name of the likeliest.
func (l *likeness) plan(asked stage.Questions) error {
	columns := l.head[1:]
	if l.cells = cellsFor(columns, classCells(asked)); l.cells != nil {
		return nil
	}
	if l.cells = cellsFor(columns, targetCells(asked)); l.cells != nil {
		l.wide = true
		return nil
	}
	if len(columns) == 1 {
		l.cells = []likeCell{{class: -1}}
		if len(asked.Classes) == 2 && !l.saysClasses(asked) {
			l.cells[0].class = 1
		}
		return nil
	}
	known := "classes " + strings.Join(asked.Classes, ", ")
	if len(asked.Targets) > 0 {
		known += ", or its targets " + stage.Shortened(asked.Targets)
	}
	return stage.Fault{Err: fmt.Errorf("--like: %s asks for %s, which the run does not tell", l.file, stage.Shortened(columns)), Hint: "columns behind the first are called as the run's " + known}
}

// cellsFor finds each column among what there is; nil where one is not there, or twice.
func cellsFor(columns []string, known map[string]likeCell) (out []likeCell) {
	for _, name := range columns {
		cell, ok := known[plainly(name)]
		if !ok || slices.Contains(out, cell) {
			return nil
		}
		out = append(out, cell)
	}
	return out
}

func classCells(asked stage.Questions) map[string]likeCell {
	out := map[string]likeCell{}
	for k, name := range asked.Classes {
		out[plainly(name)] = likeCell{class: k}
	}
	return out
}

// targetCells are the classes of each target, and the last of two by the target's name alone.
func targetCells(asked stage.Questions) map[string]likeCell {
	out := map[string]likeCell{}
	for i, target := range asked.Targets {
		of := asked.Of(i)
		for _, k := range of {
			out[plainly(target+"_"+asked.Classes[k])] = likeCell{target, k}
		}
		if len(of) == 2 {
			out[plainly(target)] = likeCell{target, of[1]}
		}
	}
	return out
}

// plainly spells a name as tables and classes may differ in: lower case, and _ for blanks and
// slashes.
func plainly(name string) string {
	return strings.NewReplacer(" ", "_", "/", "_").Replace(strings.ToLower(strings.TrimSpace(name)))
}

// saysClasses says whether the table wants words: names of classes that are no numbers.
func (l *likeness) saysClasses(asked stage.Questions) bool {
	cell := l.rows[0][1]
	return strings.Trim(cell, "0123456789.") != "" && slices.Contains(asked.Classes, cell)
}
