package draft

import (
	"maps"
	"regexp"
	"slices"

	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
)

// seriesName is what the column of the series is called.
var seriesName = regexp.MustCompile(`(?i)^series([ _]?instance)?([ _]?u?id)?$`)

// series finds the column of series, and how many images most of them have; "" where each
// has one.
func (t tableDraft) series(rows table.Sheet) (column string, size int) {
	at := slices.IndexFunc(rows.Columns, seriesName.MatchString)
	if at < 0 || t.Images != nil || places.IsPattern(t.Image) || t.Image == rows.Columns[at] {
		return "", 0
	}
	counts := map[string]int{}
	for _, r := range rows.Rows {
		counts[r.Cell(rows.Columns[at])]++
	}
	sizes := slices.Sorted(maps.Values(counts))
	if size = sizes[len(sizes)/2]; size < 2 {
		return "", 0
	}
	return rows.Columns[at], size
}
