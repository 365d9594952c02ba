package audit

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vertebra/stages/stage"
)

// table is a CSV file: each row maps column names to cells.
type table struct {
	columns []string
	rows    []map[string]string
}

// readTable reads a CSV file whose columns are found by name. A byte order mark
// and Windows' line ends do no harm.
func readTable(path string, want ...string) (table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return table{}, stage.Fault{Err: err, Hint: "the folder must hold " + filepath.Base(path) + "; see the README's section on the RSNA collection"}
	}
	t, err := parseTable(data)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	for _, column := range want {
		if !contains(t.columns, column) {
			return t, fmt.Errorf("%s: there is no column %q; have %s", path, column, strings.Join(t.columns, ", "))
		}
	}
	return t, nil
}

func parseTable(data []byte) (table, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return table{}, errors.New("the file is empty")
	}
	if err != nil {
		return table{}, err
	}
	t := table{columns: make([]string, len(head))}
	for i, name := range head {
		t.columns[i] = strings.TrimSpace(name)
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return t, err
		}
		row := make(map[string]string, len(cells))
		for i, cell := range cells {
			row[t.columns[i]] = strings.TrimSpace(cell)
		}
		t.rows = append(t.rows, row)
	}
}
