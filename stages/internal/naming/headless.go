package naming

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
)

// MostClasses is how many values a column of labels has at most.
const MostClasses = 20

// Headless names the columns of a table whose first line holds values: the path or the name
// of a file, or nothing but numbers. nil where it is a header.
func Headless(t table.Sheet) (out []string) {
	value := func(cell string) bool {
		_, err := strconv.ParseFloat(cell, 64)
		ending := strings.ToLower(filepath.Ext(cell))
		return err == nil || strings.HasSuffix(cell, "/") || ending != "" && files.IsImage(cell)
	}
	if !slices.ContainsFunc(t.Columns, value) || len(t.Rows) == 0 {
		return nil
	}
	image, label, fewest := -1, -1, MostClasses+1
	for i, name := range t.Columns {
		values := map[string]bool{name: true}
		for _, r := range t.Rows {
			values[r.Cell(name)] = true
		}
		switch {
		case (filepath.Ext(name) != "" && files.IsImage(name) || strings.Contains(name, "/")) && image < 0:
			image = i
		case len(values) > 1 && len(values) < fewest:
			label, fewest = i, len(values)
		}
		out = append(out, fmt.Sprintf("column_%d", i+1))
	}
	if image >= 0 {
		out[image] = "image"
	}
	if label >= 0 {
		out[label] = "label"
	}
	return out
}
