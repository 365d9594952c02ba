package audit

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	addRule(Rule{ID: "view_twice", Title: "several images of one view", Severity: info, Do: keep, Unit: "images",
		Reason: "a study has others of the same view, of which the first by its path is seen: leave out what is not meant, with data.source.table.only or data.drop"})
}

// shown adds the column view: what the image of a row shows, which is not known where a cell
// that says it is empty.
func (t Table) shown(rows *table.Sheet) error {
	if t.View == "" {
		return nil
	}
	columns := places.Columns(t.View)
	var missing registry.Problems
	for _, column := range columns {
		missing = append(missing, rows.Wants("data.source.table.view", column, filepath.Base(string(t.File)))...)
	}
	if missing != nil {
		return missing.Err()
	}
	view := func(r table.Row) string {
		if slices.ContainsFunc(columns, func(column string) bool { return r.Cell(column) == "" }) {
			return ""
		}
		if !places.IsPattern(t.View) {
			return r.Cell(t.View)
		}
		return places.Filled(t.View, r)
	}
	switch {
	case !rows.Has(ViewTag):
		rows.Add(ViewTag, view)
	case slices.Contains(columns, ViewTag): // it is that column, or made of it
		for _, r := range rows.Rows {
			r.Set(ViewTag, view(r))
		}
	default:
		return stage.Wrong{Path: "data.source.table.view", Err: stage.Fault{Err: errors.New("there is a column view already"), Hint: "name that one, or call it otherwise in the table"}}
	}
	return nil
}

// viewed makes the sample of a study of its images that say what they show.
func (v *view) viewed(name string, members []stage.Case) stage.Case {
	one := members[0]
	one.Images, one.Series, one.Point, one.Picture, one.Marks = nil, "", nil, nil, nil
	first := map[string]string{} // image of each view
	for _, c := range sortedByImage(members) {
		if c.Picture == nil {
			continue
		}
		before, known := first[c.Picture.Name]
		switch {
		case !known:
			first[c.Picture.Name] = c.Image
			one.Marks = append(one.Marks, stage.Mark{Name: c.Picture.Name, Image: c.Image, Series: c.Series, Point: c.Point})
		case before != c.Image && !v.twice[c.Image]:
			v.twice[c.Image] = true
			v.again = append(v.again, hit{id: v.short(c.Image), rows: []string{c.ID}, detail: fmt.Sprintf("%s shows %s of %s, as %s does", v.short(c.Image), c.Picture.Name, name, v.short(before))})
		}
	}
	return one
}

func sortedByImage(cases []stage.Case) []stage.Case {
	return slices.SortedStableFunc(slices.Values(cases), func(a, b stage.Case) int { return strings.Compare(a.Image, b.Image) })
}
