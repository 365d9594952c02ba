package audit

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

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

// mostFindings is how many targets nobody has to name: more are words of free text.
const mostFindings = 200

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
	if len(out) > mostFindings {
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
	for _, word := range strings.Split(cell, t.Separator) {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out
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

// nothing are words that say that there is no finding.
var nothing = regexp.MustCompile(`(?i)^(no[ _-]?findings?|none|normal|nothing|healthy)$`)

// guessListing looks for a column whose cells list findings, unless another is called as
// labels are, and says so in t.
func (t *Table) guessListing(rows table.Sheet, few []string) bool {
	named := calledAsLabels(few)
	for _, separator := range []string{"|", ";", ","} {
		for _, column := range rows.Columns {
			if column == t.Image || column == t.Group || named >= 0 && column != few[named] {
				continue
			}
			words := listedIn(rows, column, separator)
			if words == nil {
				continue
			}
			t.Labels, t.Separator = []string{column}, separator
			t.Findings = slices.DeleteFunc(words, nothing.MatchString)
			return len(t.Findings) > 0
		}
	}
	return false
}

// listedIn lists the words of a column's cells, sorted; nil where they are not a list of a
// few that come again, such as one remark on all images, or numbers with a comma for the point.
func listedIn(rows table.Sheet, column, separator string) []string {
	t := Table{Labels: []string{column}, Separator: separator}
	times, cells, lists, all, full, numbers := map[string]int{}, map[string]bool{}, 0, 0, 0, 0
	for _, row := range rows.Rows {
		words := t.listed(row)
		for _, word := range words {
			if times[word]++; table.IsNumber(word) {
				numbers++
			}
		}
		cells[row.Cell(column)] = true
		if all += len(words); len(words) > 1 {
			lists++
		}
		if len(words) > 0 {
			full++
		}
	}
	if len(cells) < 2 || separator == "," && numbers == all {
		return nil
	}
	if lists == 0 || lists < full/50 || len(times) > mostFindings || all < 4*len(times) {
		return nil
	}
	return slices.Sorted(maps.Keys(times))
}
