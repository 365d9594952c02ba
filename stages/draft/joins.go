package draft

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
)

// more joins tables beside that say whose the images are, of which split, or their labels,
// where this one does not.
func (t *tableDraft) more(rows *table.Sheet, held map[string]registry.Path) {
	dir := filepath.Dir(string(t.File))
	near := tablesNear(dir)
	if len(near) < 2 {
		near = append(near, tablesNear(filepath.Dir(dir))...)
	}
	for _, path := range near {
		if len(t.Join) == 3 || path == string(t.File) || slices.Contains(slices.Collect(maps.Values(held)), registry.Path(path)) {
			continue
		}
		if one, other, ok := t.partner(*rows, path); ok && t.lacks(*rows, other) {
			if len(one.Theirs) > 0 { // its ids have lost their zeros
				short := audit.Extract{From: one.Theirs[0], Match: table.WithoutZeros}
				t.extracts(rows, one.On[0], short)
			}
			alone, err := rows.Join(one.On, table.Keyed{Sheet: other, Keys: one.Keys(), Name: path})
			if err == nil && len(alone) < len(rows.Rows) {
				t.Join = append(t.Join, one)
			}
		}
	}
}

// keyName is what columns are called that tell rows apart.
var keyName = regexp.MustCompile(`(?i)(id|uid|number|image|name|key)$`)

// partner reads a table that might be joined, by the first column that both have whose
// values tell its rows apart and cover those of this one, maybe without the zeros that these
// begin with: on is a column then that has to be extracted.
func (t tableDraft) partner(rows table.Sheet, path string) (audit.Join, table.Sheet, bool) {
	more, err := readFile(path, nil)
	if err != nil {
		return audit.Join{}, more, false
	}
	for _, column := range rows.Columns {
		one := audit.Join{File: registry.Path(path), On: []string{column}}
		if !more.Has(column) || len(more.Columns) < 2 {
			continue
		}
		partners, err := table.Keyed{Sheet: more, Keys: one.On, Name: path}.ByKey(more.Columns)
		met, of := 0, map[string]bool{}
		for _, r := range rows.Rows {
			key, _ := table.Key(r, one.On)
			if _, known := partners[key]; known {
				met, of[key] = met+1, true
			}
		}
		key := len(partners) > naming.MostClasses || len(partners) > 2 && keyName.MatchString(column)
		// An archive's export holds much that nobody labelled: of its index, the labels count.
		most := 5*met >= 4*len(rows.Rows) || isIndex(rows) && 5*len(of) >= 4*len(partners)
		if err == nil && key && most {
			return one, more, true
		}
		if met := rows.LostZeros(column, more, column); err == nil && key && 5*met >= 4*len(rows.Rows) {
			return audit.Join{File: one.File, On: []string{"short_" + column}, Theirs: one.On}, more, !rows.Has("short_" + column)
		}
	}
	return audit.Join{}, more, false
}

// isIndex tells a table of what the headers of DICOM files say.
func isIndex(rows table.Sheet) bool {
	return rows.Has("StudyInstanceUID") && rows.Has("SeriesInstanceUID") && rows.Has("Modality")
}

// lacks says whether another table has what this one lacks: labels, groups, or a split. Where
// this one says nothing but what its files are, any column of few values may be labels.
func (t tableDraft) lacks(rows, more table.Sheet) bool {
	image := places.Columns(t.Image)
	fewOf := func(t table.Sheet) []string {
		return slices.DeleteFunc(columnsOfFew(t, image), func(name string) bool { return ofFile(name) || ofOrigin.MatchString(name) })
	}
	labels := func(t table.Sheet) bool {
		return calledAsLabels(fewOf(t)) >= 0 || len(sayYes(t, missingWords(), image)) > 1
	}
	return !labels(rows) && labels(more) || len(fewOf(rows)) == 0 && len(fewOf(more)) > 0 || naming.GroupColumn(rows, places.OnlyColumn(t.Image)) == "" && naming.GroupColumn(more, places.OnlyColumn(t.Image)) != "" ||
		splitColumn(rows) == "" && splitColumn(more) != ""
}
