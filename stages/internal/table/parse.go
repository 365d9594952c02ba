package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Parse reads cells that commas separate; or semicolons, tabs or bars, where the header
// has more of them, as spreadsheets write in many countries; or blanks, where nothing else does.
func Parse(data []byte) (Sheet, error) { return ParseAs(data, nil) }

// ParseAs is Parse of a file without a header, whose columns are named; with nil
// the first line names them.
func ParseAs(data []byte, columns []string) (Sheet, error) {
	rows, comma, above, err := tableText(data, len(columns))
	if err != nil {
		return Sheet{}, err
	}
	r := csv.NewReader(bytes.NewReader(rows))
	r.Comma, r.TrimLeadingSpace = comma, comma != '\t' // blanks before quotes
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		return Sheet{}, errors.New("the file is empty")
	}
	if err != nil {
		return Sheet{}, inTable(err, first, nil)
	}
	t := Sheet{Rows: make([]Row, 0, bytes.Count(rows, []byte("\n")))}
	places, err := t.name(first, columns)
	if err != nil {
		return t, err
	}
	for cells, err := first, error(nil); ; cells, err = r.Read() {
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case err != nil:
			return t, inTable(err, first, cells)
		case columns == nil && len(t.Rows) == 0 && &cells[0] == &first[0]:
			continue // the header
		}
		for i, cell := range cells {
			cells[i] = onOneLine(cell)
		}
		line, _ := r.FieldPos(0)
		t.Rows = append(t.Rows, Row{places: places, cells: cells, Line: above + line})
	}
}

// name names the columns by the first line, or as they are named. One without a name, as
// pandas and spreadsheets leave behind, is called by its number.
func (t *Sheet) name(first, columns []string) (map[string]int, error) {
	switch {
	case columns == nil:
		columns = first
	case len(columns) != len(first):
		return nil, fmt.Errorf("line 1 has %d cells, and columns names %d", len(first), len(columns))
	}
	places := make(map[string]int, len(columns))
	for i, name := range columns {
		if name = onOneLine(name); name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		if slices.Contains(t.Columns, name) {
			return nil, fmt.Errorf("the column %q is there twice", name)
		}
		t.Columns, places[name] = append(t.Columns, name), i
	}
	return places, nil
}
