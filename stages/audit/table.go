package audit

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/stage"
)

// table is a CSV file.
type table struct {
	columns []string
	rows    []row
}

// row is a line of a table. All rows of a table share what tells the columns' places.
type row struct {
	places map[string]int
	cells  []string
	line   int // of the file, from 1
	of     int // the row that this is an image of, from 1; 0 where a row has one image
}

// cell is that of a column; "" when there is no such column.
func (r row) cell(column string) string {
	if at, ok := r.places[column]; ok && at < len(r.cells) { // a copy of the table may have more
		return r.cells[at]
	}
	return ""
}

// loader reads a file; os.ReadFile does.
type loader func(path string) ([]byte, error)

// readTable reads a CSV file whose columns are found by name. A byte order mark
// and Windows' line ends do no harm.
func readTable(load loader, path string, want ...string) (table, error) {
	data, err := load(path)
	if err != nil {
		return table{}, stage.Wrong{Path: "data.source.rsna.root", Err: stage.Fault{Err: files.NotThere(path, err), Hint: "the folder must hold " + filepath.Base(path) + have(filepath.Dir(path))}}
	}
	t, err := parseTable(data)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	return t, t.require(path, want)
}

// has says whether there is a column.
func (t table) has(column string) bool { return slices.Contains(t.columns, column) }

// first gives the first of the columns that is there; "" when none is.
func (t table) first(columns ...string) string {
	for _, column := range columns {
		if t.has(column) {
			return column
		}
	}
	return ""
}

// require names the columns that are missing, and those that are there.
func (t table) require(path string, want []string) error {
	var missing []string
	for _, column := range want {
		if !t.has(column) {
			missing = append(missing, column)
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("%s: there is no column %s; have %s", path, strings.Join(missing, ", "), strings.Join(t.columns, ", "))
}

// have lists the first few names in a folder, for a message.
func have(folder string) string {
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		return ""
	}
	var names []string
	for _, e := range entries[:min(6, len(entries))] {
		names = append(names, e.Name())
	}
	return "; have " + strings.Join(names, ", ")
}

// parseTable reads cells that commas separate; or semicolons, tabs or bars, where the header
// has more of them, as spreadsheets write in many countries; or blanks, where nothing else does.
func parseTable(data []byte) (table, error) { return parseTableOf(data, nil) }

// parseTableOf is parseTable of a file without a header, whose columns are named; with nil
// the first line names them.
func parseTableOf(data []byte, columns []string) (table, error) {
	rows, comma, above, err := tableText(data, len(columns))
	if err != nil {
		return table{}, err
	}
	r := csv.NewReader(bytes.NewReader(rows))
	r.Comma, r.TrimLeadingSpace = comma, comma != '\t' // blanks before quotes
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		return table{}, errors.New("the file is empty")
	}
	if err != nil {
		return table{}, inTable(err, first, nil)
	}
	t := table{rows: make([]row, 0, bytes.Count(rows, []byte("\n")))}
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
		case columns == nil && len(t.rows) == 0 && &cells[0] == &first[0]:
			continue // the header
		}
		for i, cell := range cells {
			cells[i] = onOneLine(cell)
		}
		line, _ := r.FieldPos(0)
		t.rows = append(t.rows, row{places: places, cells: cells, line: above + line})
	}
}

// name names the columns by the first line, or as they are named. One without a name, as
// pandas and spreadsheets leave behind, is called by its number.
func (t *table) name(first, columns []string) (map[string]int, error) {
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
		if slices.Contains(t.columns, name) {
			return nil, fmt.Errorf("the column %q is there twice", name)
		}
		t.columns, places[name] = append(t.columns, name), i
	}
	return places, nil
}

// add adds a column. All rows share what tells the columns' places.
func (t *table) add(name string, cell func(row) string) {
	t.columns = append(t.columns, name)
	for i, one := range t.rows {
		t.rows[i].cells = append(one.cells, cell(one)) // before the place is known
	}
	if len(t.rows) > 0 {
		t.rows[0].places[name] = len(t.rows[0].cells) - 1
	}
}
