package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// loader reads a file; os.ReadFile does.
type loader func(path string) ([]byte, error)

// readTable reads a CSV file whose columns are found by name. A byte order mark
// and Windows' line ends do no harm.
func readTable(load loader, path string, want ...string) (table.Sheet, error) {
	data, err := load(path)
	if err != nil {
		return table.Sheet{}, stage.Wrong{Path: "data.source.rsna.root", Err: stage.Fault{Err: files.NotThere(path, err), Hint: "the folder must hold " + filepath.Base(path) + have(filepath.Dir(path))}}
	}
	t, err := table.Parse(data)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	return t, t.Require(path, want)
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
