package audit

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"

	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// isTable says whether a file is to be read as a table.
func isTable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && table.IsName(path)
}

// NewUnseen takes a table, such as a CSV file, as such, with the columns that it has, and
// everything else as images.
func NewUnseen(paths []string, columns Table) (Unseen, error) {
	if len(paths) != 1 || !isTable(paths[0]) {
		return Unseen{Paths: paths}, nil
	}
	u := Unseen{Table: Table{File: registry.Path(paths[0]), Image: columns.Image, Columns: columns.Columns}}
	rows, err := u.Table.open()
	if err != nil {
		return Unseen{}, err
	}
	if err := u.Table.shapedAs(columns, &rows); err != nil {
		return Unseen{}, err
	}
	for _, column := range places.Columns(columns.Image) {
		if !rows.Has(column) {
			return Unseen{}, stage.Fault{Err: fmt.Errorf("%s has no column %q", paths[0], column), Hint: "say which column names the images, or a pattern of their paths: --column-image; " + registry.Suggest(column, rows.Columns)}
		}
	}
	u.Table.readAs(columns, rows)
	u.Table.Root, u.Table.Image, u.namesakes = columns.rootOf(paths[0], rows)
	if columns.View != "" && !slices.ContainsFunc(places.Columns(columns.View), func(column string) bool { return !rows.Has(column) }) {
		u.Table.View = columns.View
	}
	for _, one := range []struct{ to, name *string }{
		{&u.Table.ID, &columns.ID}, {&u.Table.Group, &columns.Group}, {&u.Table.Series, &columns.Series}, {&u.Table.X, &columns.X}, {&u.Table.Y, &columns.Y},
	} {
		if rows.Has(*one.name) {
			*one.to = *one.name
		}
	}
	for _, tag := range columns.Tags {
		if rows.Has(tag) && !slices.Contains(u.Table.Tags, tag) {
			u.Table.Tags = append(u.Table.Tags, tag)
		}
	}
	return u, nil
}

// Columns are those of a table of other images for nets of the section's data: said are their
// names; one of a plain name, such as image, is what the data's own table calls it.
func (cfg Config) Columns(said Table) Table {
	columns := said
	columns.Tags = slices.Concat(cfg.Covariates.Categories, cfg.Covariates.Numbers)
	own, ok := cfg.Source.Part.(Table)
	if !ok {
		return columns
	}
	columns.Tags = append(columns.Tags, own.Tags...)
	columns.File, columns.Root = own.File, own.Root // where its images lie beside it
	columns.Columns, columns.Extract, columns.View = own.Columns, own.Extract, cmp.Or(said.View, own.View)
	columns.Replace, columns.Cut, columns.Missing, columns.Only = own.Replace, own.Cut, own.Missing, own.Only
	if columns.Image == "image" { // no other was asked for
		columns.Images = own.Images
	}
	for _, one := range []struct {
		to         *string
		plain, own string
	}{
		{&columns.Image, "image", own.Image}, {&columns.ID, "id", own.ID}, {&columns.Group, "group", own.Group},
		{&columns.Series, "series", own.Series}, {&columns.X, "x", own.X}, {&columns.Y, "y", own.Y},
	} {
		if *one.to == one.plain && one.own != "" {
			*one.to = one.own
		}
	}
	return columns
}

// shapedAs gives a table the columns that another one makes of its own, as far as they can be
// made: those of extract, and a row for each image of a row.
func (t *Table) shapedAs(other Table, rows *table.Sheet) error {
	open := maps.Clone(other.Extract)
	other.extract(rows, open)
	var err error
	if t.Images, err = other.imagesIn(*rows); err != nil {
		return err
	}
	if err := t.Melt(rows); err != nil {
		return err
	}
	other.extract(rows, open)
	for name := range other.Extract {
		if _, left := open[name]; !left {
			t.extracts(name, other.Extract[name])
		}
	}
	return nil
}

// imagesIn is Images for another table, which may lack all columns but those that say where
// images are; nil where it has these as they are called without Images.
func (t Table) imagesIn(rows table.Sheet) (map[string]Pictured, error) {
	out, names := map[string]Pictured{}, places.Columns(t.Image)
	for _, view := range t.views() {
		out[view] = Pictured{}
		for _, name := range slices.Sorted(maps.Keys(t.Images[view])) {
			from := t.Images[view][name]
			switch has := rows.Has(from); {
			case !has && slices.Contains(names, name):
				if !slices.ContainsFunc(names, func(name string) bool { return !rows.Has(name) }) {
					return nil, nil
				}
				return nil, stage.Fault{Err: fmt.Errorf("the table has no column %q, where the run's has the image %s of each row", from, view),
					Hint: "name the columns as the run's table does; " + registry.Suggest(from, rows.Columns)}
			case has && t.inAll(name, rows):
				out[view][name] = from
			}
		}
	}
	if slices.Contains(names, ViewTag) && rows.Has(ViewTag) {
		return nil, nil
	}
	return out, nil
}

// inAll says whether a table has the column of each image of a row.
func (t Table) inAll(name string, rows table.Sheet) bool {
	for _, one := range t.Images {
		if !rows.Has(one[name]) {
			return false
		}
	}
	return true
}

// open reads the table with its columns as they are named; one whose first line names its own
// has a header all the same.
func (t *Table) open() (table.Sheet, error) {
	data, err := os.ReadFile(string(t.File))
	if err != nil {
		return table.Sheet{}, err
	}
	rows, err := table.Parse(data)
	if err == nil && len(t.Columns) > 0 {
		if rows.Has(t.Columns[0]) || len(rows.Columns) != len(t.Columns) {
			t.Columns = nil
		} else {
			rows, err = table.ParseAs(data, t.Columns)
		}
	}
	if err != nil {
		return rows, fmt.Errorf("%s: %w", t.File, err)
	}
	return rows, nil
}
