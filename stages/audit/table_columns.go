package audit

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// missingColumns lists the columns that settings name and the file has not.
func (t Table) missingColumns(rows table.Sheet, request *Request) error {
	const at = "data.source.table."
	var wanted []wantedColumn
	want := func(setting, column string) { wanted = append(wanted, wantedColumn{path: at + setting, name: column}) }
	for _, one := range [][2]string{{"id", t.ID}, {"group", t.Group}, {"series", t.Series}, {"x", t.X}, {"y", t.Y}} {
		want(one[0], one[1])
	}
	for _, column := range places.Columns(t.Image) {
		want("image", column)
	}
	for i, label := range t.Labels {
		want(fmt.Sprintf("labels.%d", i), label)
	}
	for _, column := range slices.Sorted(maps.Keys(t.Only)) {
		want("only."+column, column)
	}
	for i, tag := range t.Tags {
		want(fmt.Sprintf("tags.%d", i), tag)
	}
	for _, c := range request.columns {
		if c.name != stage.TargetTag && !c.optional {
			wanted = append(wanted, c)
		}
	}
	known, bare := rows.Columns, ""
	if len(t.Columns) == 0 && naming.Headless(rows) != nil {
		bare = "its first line seems to be no header: name the columns beside file, such as columns: [image, label]"
	}
	if len(t.Labels) > 1 || t.Separator != "" {
		known = append(slices.Clone(known), stage.TargetTag)
	}
	var out registry.Problems
	for _, c := range wanted {
		if c.name != "" && !rows.Has(c.name) {
			out = append(out, registry.Problem{Path: c.path, Text: fmt.Sprintf("%s has no column %q", filepath.Base(string(t.File)), c.name), Hint: cmp.Or(bare, registry.Suggest(c.name, known))})
		}
	}
	return out.Err()
}

// unusedPatients is a column that seems to name patients, where nothing keeps the images
// of one together; "" where there is none.
func (t Table) unusedPatients(rows table.Sheet, request *Request) string {
	if t.Group != "" || len(t.Labels) == 0 {
		return ""
	}
	column := naming.GroupColumn(rows, places.OnlyColumn(t.Image))
	if places.IsPattern(t.Image) && slices.Equal(places.Columns(t.Image), []string{column}) { // its images are kept together
		return ""
	}
	if slices.ContainsFunc(request.columns, func(c wantedColumn) bool { return c.path == "data.split.by" && c.name == column }) {
		return ""
	}
	return column
}

// wanted says whether only keeps a row.
func (t Table) wanted(r table.Row) bool {
	for column, values := range t.Only {
		if !slices.Contains(values, r.Cell(column)) {
			return false
		}
	}
	return true
}

// unknownValues are those of only that no row has.
func (t Table) unknownValues(rows table.Sheet) error {
	var out registry.Problems
	for _, column := range slices.Sorted(maps.Keys(t.Only)) {
		seen := map[string]bool{}
		for _, r := range rows.Rows {
			seen[r.Cell(column)] = true
		}
		for i, value := range t.Only[column] {
			if !seen[value] {
				out = append(out, registry.Problem{Path: fmt.Sprintf("data.source.table.only.%s.%d", column, i), Text: fmt.Sprintf("no row has %q", value), Hint: registry.Suggest(value, slices.Sorted(maps.Keys(seen)))})
			}
		}
	}
	return out.Err()
}

// elsewhere says where the images lie that the table names, if they are not where it says; ""
// where they are nowhere near.
func (t Table) elsewhere() string {
	data, err := os.ReadFile(string(t.File))
	if err != nil {
		return ""
	}
	rows, err := t.whole(data, &reports{})
	if err != nil {
		return ""
	}
	dir := files.Absolute(filepath.Dir(string(t.File)))
	lies := places.NewSearch().Images(dir, places.Columns(t.Image), table.Spread(rows.Rows, places.Tried))
	if lies.Image == "" {
		return ""
	}
	if near, err := filepath.Rel(dir, lies.Root); err == nil {
		lies.Root = near
	}
	return fmt.Sprintf("images that are called so lie elsewhere: root is %s, seen from the table's folder, and image: %q", filepath.ToSlash(lies.Root), lies.Image)
}
