package table

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
)

// In lists the tables of a folder.
func In(folder string) (out []string) {
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if !e.IsDir() && !files.Hidden(e) && IsName(e.Name()) {
			out = append(out, filepath.Join(folder, e.Name()))
		}
	}
	return out
}

// IsName says whether a file may be a table by its name.
func IsName(path string) bool {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz")
	return slices.Contains([]string{".csv", ".tsv", ".txt", ".xlsx"}, filepath.Ext(name)) && !strings.HasPrefix(name, "~$") // Excel's lock
}

// Names reads the first cell of each line.
func Names(path string) (out []string, err error) {
	data, err := os.ReadFile(path)
	if err == nil {
		data, err = plainText(data)
	}
	if err != nil {
		return nil, files.NotThere(path, err)
	}
	for line := range strings.Lines(string(data)) {
		if at := strings.IndexAny(line, ",;\t|"); at >= 0 {
			line = line[:at]
		}
		if name := strings.Trim(onOneLine(line), `"'`); name != "" {
			out = append(out, filepath.ToSlash(filepath.Clean(Path(name))))
		}
	}
	if out == nil {
		return nil, errors.New(path + " is empty")
	}
	return out, nil
}
