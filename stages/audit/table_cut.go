package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
)

// cutting checks the bounds of cut.
func (t Table) cutting() error {
	for _, column := range slices.Sorted(maps.Keys(t.Cut)) {
		bounds := t.Cut[column]
		if len(bounds) == 0 {
			return fmt.Errorf("cut: %s is cut nowhere; name a bound or more, such as [24, 27]", column)
		}
		for i := 1; i < len(bounds); i++ {
			if !(bounds[i] > bounds[i-1]) {
				return fmt.Errorf("cut: the bounds of %s do not rise: %v follows %v", column, bounds[i], bounds[i-1])
			}
		}
	}
	return nil
}

// cutNames are the classes that bounds make, in their order. The lower bound belongs to its
// class, as in pandas.cut with right=False.
func cutNames(bounds []float64) []string {
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	out := []string{"<" + text(bounds[0])}
	for i := 1; i < len(bounds); i++ {
		out = append(out, text(bounds[i-1])+" to <"+text(bounds[i]))
	}
	return append(out, ">="+text(bounds[len(bounds)-1]))
}

// cut reads the numbers of columns as the class that they lie in. Empty cells, and those that
// stand for nothing, stay as they are.
func (t Table) cut(rows table.Sheet) error {
	var out registry.Problems
	for _, column := range slices.Sorted(maps.Keys(t.Cut)) {
		at := "data.source.table.cut." + column
		if missing := rows.Wants(at, column, "the table"); missing != nil {
			out = append(out, missing...)
			continue
		}
		names := cutNames(t.Cut[column])
		for _, r := range rows.Rows {
			cell := r.Cell(column)
			if cell == "" || slices.Contains(t.Missing, cell) {
				continue
			}
			v, err := strconv.ParseFloat(strings.Replace(cell, ",", ".", 1), 64)
			if err = errors.Join(err, noOrder(v)); err != nil {
				out = append(out, registry.Problem{Path: at, Text: fmt.Sprintf("line %d: %q is no number", r.Line, cell), Hint: "add it to missing, or replace it"})
				break
			}
			above := 0
			for above < len(t.Cut[column]) && v >= t.Cut[column][above] {
				above++
			}
			r.Set(column, names[above])
		}
	}
	return out.Err()
}

// inOrder sorts labels: the classes of cut as they follow each other, others by number.
func (t Table) inOrder(a, b string) int {
	for _, column := range t.Labels {
		bounds := t.Cut[column]
		if len(bounds) == 0 {
			continue
		}
		names := cutNames(bounds)
		if i, j := slices.Index(names, a), slices.Index(names, b); i >= 0 && j >= 0 {
			return i - j
		}
	}
	return byNumber(a, b)
}

// readAs gives a table what another one reads the cells of its columns as, where these are
// there: words that occur, and numbers of the other's tags; and what of its rows counts.
func (t *Table) readAs(other Table, rows table.Sheet) {
	t.onlyAs(other, rows)
	for column, words := range other.Replace {
		for _, r := range rows.Rows {
			word, replaced := words[r.Cell(column)]
			if !rows.Has(column) || !replaced {
				continue
			}
			if t.Replace == nil {
				t.Replace = map[string]map[string]string{}
			}
			if t.Replace[column] == nil {
				t.Replace[column] = map[string]string{}
			}
			t.Replace[column][r.Cell(column)] = word
		}
	}
	for column, bounds := range other.Cut {
		if !rows.Has(column) || !slices.Contains(other.Tags, column) {
			continue
		}
		if t.Cut == nil {
			t.Cut = map[string][]float64{}
		}
		t.Cut[column], t.Missing = bounds, other.Missing
	}
}

// onlyAs leaves out the rows that another table leaves out by a column of the same name, such as
// lateral films, unless that were all.
func (t *Table) onlyAs(other Table, rows table.Sheet) {
	for column, values := range other.Only {
		if !rows.Has(column) || other.Replace[column] != nil || other.Cut[column] != nil {
			continue
		}
		counts := rows.Counts(column)
		here := slices.DeleteFunc(slices.Clone(values), func(value string) bool { return counts[value] == 0 })
		if len(here) == 0 {
			continue
		}
		if t.Only == nil {
			t.Only = map[string][]string{}
		}
		t.Only[column] = here
	}
}
