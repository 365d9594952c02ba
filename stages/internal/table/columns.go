package table

import (
	"maps"
	"regexp"
	"slices"
)

// Add adds a column. All rows share what tells the columns' places.
func (t *Sheet) Add(name string, cell func(Row) string) {
	t.Columns = append(t.Columns, name)
	for i, one := range t.Rows {
		t.Rows[i].cells = append(one.cells, cell(one)) // before the place is known
	}
	if len(t.Rows) > 0 {
		t.Rows[0].places[name] = len(t.Rows[0].cells) - 1
	}
}

// Extract adds a column of what the first group of an expression matches in another one, or all of
// it where that has no group; "" where nothing matches.
func (t *Sheet) Extract(name, from string, expression *regexp.Regexp) {
	t.Add(name, func(r Row) string {
		if m := expression.FindStringSubmatch(r.Cell(from)); m != nil {
			return m[min(1, len(m)-1)]
		}
		return ""
	})
}

// Append adds the rows of another table, of which the columns count that this one has.
func (t *Sheet) Append(more Sheet) {
	places := t.placesOf()
	for _, r := range more.Rows {
		cells := make([]string, len(t.Columns))
		for i, column := range t.Columns {
			cells[i] = r.Cell(column)
		}
		t.Rows = append(t.Rows, Row{places: places, cells: cells, Line: r.Line})
	}
}

// Melt makes n rows of each, as a wide table is melted. They have further columns, whose cells
// follow from the row and the number of the new one, from 0 to n−1; a column that is there is
// replaced.
func (t *Sheet) Melt(n int, columns []string, cell func(r Row, i int, column string) string) {
	places := maps.Clone(t.placesOf())
	out := make([]Row, 0, n*len(t.Rows))
	for i, r := range t.Rows {
		for k := range n {
			cells := slices.Clone(r.cells)
			for _, column := range columns {
				cells = append(cells, cell(r, k, column))
			}
			out = append(out, Row{places: places, cells: cells, Line: r.Line, Of: i + 1})
		}
	}
	for i, column := range columns {
		if len(t.Rows) > 0 {
			places[column] = len(t.Rows[0].cells) + i
		}
		if !t.Has(column) {
			t.Columns = append(t.Columns, column)
		}
	}
	t.Rows = out
}

// placesOf is what all rows of the table share.
func (t *Sheet) placesOf() map[string]int {
	if len(t.Rows) > 0 {
		return t.Rows[0].places
	}
	places := map[string]int{}
	for i, name := range t.Columns {
		places[name] = i
	}
	return places
}
