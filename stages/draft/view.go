package draft

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/internal/table"
)

// showsWord is what a column says of an image that tells what it shows of its study: a side, or
// a view of mammography or of chest films.
var showsWord = regexp.MustCompile(`(?i)^(l|r|left|right|od|os|cc|mlo|ml|lm|xccl|frontal|lateral|ap|pa|ll)$`)

// shows finds what tells the images of a group apart: a column, or two, as a pattern for
// data.source.table.view. It gives what they show, the commonest first; "" where images of most
// groups show the same, or there are no groups.
func (t tableDraft) shows(rows table.Sheet) (view string, names []string) {
	var columns []string
	for _, column := range rows.Columns {
		said := map[string]bool{}
		if !slices.ContainsFunc(rows.Rows, func(r table.Row) bool {
			cell := r.Cell(column)
			said[cell] = cell != ""
			return cell != "" && !showsWord.MatchString(cell)
		}) && len(said) > 1 {
			columns = append(columns, column)
		}
	}
	for i, column := range columns {
		for _, other := range columns[i+1:] {
			if names := t.apartBy(rows, column, other); names != nil {
				return fmt.Sprintf("{%s} {%s}", column, other), names
			}
		}
		if names := t.apartBy(rows, column); names != nil {
			return column, names
		}
	}
	return "", nil
}

// apartBy gives what images show by some columns, the commonest first, where most groups have
// several images, and nearly all of a group show something else.
func (t tableDraft) apartBy(rows table.Sheet, columns ...string) []string {
	shown, counts := map[string]map[string]bool{}, map[string]int{}
	alike := 0
	for _, r := range rows.Rows {
		group, name := r.Cell(t.Group), r.Cell(columns[0])
		for _, column := range columns[1:] {
			name += " " + r.Cell(column)
		}
		if shown[group] == nil {
			shown[group] = map[string]bool{}
		}
		if shown[group][name] {
			alike++
		}
		shown[group][name] = true
		counts[name]++
	}
	several := 0
	for _, names := range shown {
		if len(names) > 1 {
			several++
		}
	}
	if t.Group == "" || 10*alike > len(rows.Rows) || 2*several <= len(shown) {
		return nil
	}
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
}
