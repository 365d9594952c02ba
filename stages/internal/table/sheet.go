// Package table reads tables as people have them: text of many programs and countries, packed or
// not, and Excel workbooks. What it cannot read it says in words, with what to do. It adds columns
// and rows, and joins tables by what ids have become in them.
package table

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/registry"
)

// Sheet is what a table holds: of a file of text, or of the first sheet of a workbook.
type Sheet struct {
	Columns []string
	Rows    []Row
}

// Row is a line of a table. All rows of a table share what tells the columns' places.
type Row struct {
	places map[string]int
	cells  []string
	Line   int // of the file, from 1
	Of     int // the row that Melt made this one of, from 1; 0 where it is as it was read
}

// Cell is that of a column; "" when there is no such column.
func (r Row) Cell(column string) string {
	if at, ok := r.places[column]; ok && at < len(r.cells) { // a copy of the table may have more
		return r.cells[at]
	}
	return ""
}

// Set changes the cell of a column, where there is one.
func (r Row) Set(column, cell string) {
	if at, ok := r.places[column]; ok && at < len(r.cells) {
		r.cells[at] = cell
	}
}

// Has says whether there is a column.
func (t Sheet) Has(column string) bool { return slices.Contains(t.Columns, column) }

// First gives the first of the columns that is there; "" when none is.
func (t Sheet) First(columns ...string) string {
	for _, column := range columns {
		if t.Has(column) {
			return column
		}
	}
	return ""
}

// Require is the error that columns are missing in a file, with those that are there; nil where
// none is.
func (t Sheet) Require(path string, want []string) error {
	var missing []string
	for _, column := range want {
		if !t.Has(column) {
			missing = append(missing, column)
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("%s: there is no column %s; have %s", path, strings.Join(missing, ", "), strings.Join(t.Columns, ", "))
}

// Wants is the problem that there is no such column, of a table that is called so, for the setting
// that names it; nil where there is one.
func (t Sheet) Wants(setting, column, called string) registry.Problems {
	if t.Has(column) {
		return nil
	}
	return registry.Problems{{Path: setting, Text: fmt.Sprintf("%s has no column %q", called, column), Hint: registry.Suggest(column, t.Columns)}}
}

// Counts is how many rows have each value of a column.
func (t Sheet) Counts(column string) map[string]int {
	out := map[string]int{}
	for _, r := range t.Rows {
		out[r.Cell(column)]++
	}
	return out
}

// Repeats says whether a value of a column comes in several rows; those that Melt made of one are
// one.
func (t Sheet) Repeats(column string) bool {
	seen := map[string]int{}
	for i, r := range t.Rows {
		cell, row := r.Cell(column), -i
		if r.Of > 0 {
			row = r.Of
		}
		if before, known := seen[cell]; known && before != row && cell != "" {
			return true
		}
		seen[cell] = row
	}
	return false
}

// Spread takes n rows from all over a table: those of one part often lie one after the other.
func Spread(rows []Row, n int) (out []Row) {
	for i := range min(n, len(rows)) {
		out = append(out, rows[i*len(rows)/min(n, len(rows))])
	}
	return out
}
