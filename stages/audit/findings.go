package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// Cells that list findings, such as "Edema|Effusion", as ChestX-ray14 has them.

// listing checks the settings of such cells.
func (t Table) listing() error {
	switch {
	case t.Separator == "":
		return nil
	case len(t.Labels) != 1:
		return errors.New("separator: cells of one label column list findings; name one column in labels")
	case len(t.Classes) != 0 && len(t.Classes) != 2:
		return errors.New("separator: a finding is there or not; classes has two names, or none for no and yes")
	}
	return nil
}

// MostFindings is how many targets nobody has to name: more are words of free text.
const MostFindings = 200

// findings are those that count: the ones named, or all that occur, sorted.
func (t Table) findings(rows table.Sheet) ([]string, error) {
	if t.Separator == "" || len(t.Labels) == 0 {
		return nil, nil
	}
	if len(t.Findings) > 0 {
		return t.Findings, nil
	}
	words := map[string]bool{}
	for _, row := range rows.Rows {
		for _, word := range t.listed(row) {
			words[word] = true
		}
	}
	out := slices.Sorted(maps.Keys(words))
	if len(out) > MostFindings {
		return nil, stage.Wrong{Path: "data.source.table.separator", Err: stage.Fault{
			Err:  fmt.Errorf("the cells of %q list %d findings, such as %s", t.Labels[0], len(out), examples(out)),
			Hint: "name those that count in findings, or take another separator",
		}}
	}
	return out, nil
}

// listed takes a cell apart; nil where it says nothing.
func (t Table) listed(row table.Row) (out []string) {
	cell := row.Cell(t.Labels[0])
	if t.missing(cell) {
		return nil
	}
	return table.List(cell, t.Separator)
}

// eachFinding makes the case of each finding, of the class that the cell says.
func (r *tableReader) eachFinding(one stage.Case, row table.Row) {
	listed := r.listed(row)
	for _, finding := range r.findings {
		word := ""
		switch {
		case slices.Contains(listed, finding):
			word = r.found.Classes[1]
		case listed != nil:
			word = r.found.Classes[0]
		}
		r.label(one, row, finding, word)
	}
}
