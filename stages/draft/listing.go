package draft

import (
	"maps"
	"regexp"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/internal/table"
)

// nothing are words that say that there is no finding.
var nothing = regexp.MustCompile(`(?i)^(no[ _-]?findings?|none|normal|nothing|healthy)$`)

// guessListing looks for a column whose cells list findings, unless another is called as
// labels are, and says so in t.
func (t *tableDraft) guessListing(rows table.Sheet, few []string) bool {
	named := calledAsLabels(few)
	for _, separator := range []string{"|", ";", ","} {
		for _, column := range rows.Columns {
			if column == t.Image || column == t.Group || named >= 0 && column != few[named] {
				continue
			}
			words := listedIn(rows, column, separator)
			if words == nil {
				continue
			}
			t.Labels, t.Separator = []string{column}, separator
			t.Findings = slices.DeleteFunc(words, nothing.MatchString)
			return len(t.Findings) > 0
		}
	}
	return false
}

// listedIn lists the words of a column's cells, sorted; nil where they are not a list of a
// few that come again, such as one remark on all images, or numbers with a comma for the point.
func listedIn(rows table.Sheet, column, separator string) []string {
	times, cells, lists, all, full, numbers := map[string]int{}, map[string]bool{}, 0, 0, 0, 0
	for _, row := range rows.Rows {
		words := table.List(row.Cell(column), separator)
		for _, word := range words {
			if times[word]++; table.IsNumber(word) {
				numbers++
			}
		}
		cells[row.Cell(column)] = true
		if all += len(words); len(words) > 1 {
			lists++
		}
		if len(words) > 0 {
			full++
		}
	}
	if len(cells) < 2 || separator == "," && numbers == all {
		return nil
	}
	if lists == 0 || lists < full/50 || len(times) > audit.MostFindings || all < 4*len(times) {
		return nil
	}
	return slices.Sorted(maps.Keys(times))
}
