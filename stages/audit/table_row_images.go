package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// ViewTag is the tag, and the column, that says which of the images of a row one is.
const ViewTag = "view"

// Pictured names columns of one of the images of a row, by what they are called where each
// image is a row: {image: left_path, grade: left_grade}.
type Pictured map[string]string

// Alone has the column of the image stand for itself.
func (Pictured) Alone() string { return "image" }

func init() {
	addRule(Rule{ID: "image_not_named", Title: "row without one of its images", Severity: info, Do: drop, Unusable: true,
		Reason: "the cell of this image is empty, that of another image of the row is not"})
}

// views are the names of the images of a row, sorted.
func (t Table) views() []string { return slices.Sorted(maps.Keys(t.Images)) }

// ofImages are the columns that Images adds, sorted.
func (t Table) ofImages() []string {
	seen := map[string]bool{}
	for _, one := range t.Images {
		for column := range one {
			seen[column] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// apart makes a row of each image of a row, as a wide table is melted: with its name in the
// column view, and its own columns as Images calls them.
func (t Table) apart(rows *table) error {
	if len(t.Images) == 0 {
		return nil
	}
	if err := t.fitsImages(*rows); err != nil {
		return err
	}
	views, added := t.views(), append([]string{ViewTag}, t.ofImages()...)
	places := maps.Clone(rows.placesOf())
	out := make([]row, 0, len(views)*len(rows.rows))
	for i, r := range rows.rows {
		for _, view := range views {
			cells := append(slices.Clone(r.cells), view)
			for _, column := range added[1:] {
				cells = append(cells, r.cell(t.Images[view][column]))
			}
			out = append(out, row{places: places, cells: cells, line: r.line, of: i + 1})
		}
	}
	for i, column := range added {
		if len(rows.rows) > 0 {
			places[column] = len(rows.rows[0].cells) + i
		}
		if !rows.has(column) {
			rows.columns = append(rows.columns, column)
		}
	}
	rows.rows = out
	return nil
}

// fitsImages wants the columns that images are read from, and none that is called as a new one,
// unless that is made of it: {left: image, right: image_2}.
func (t Table) fitsImages(rows table) error {
	const at = "data.source.table.images"
	var out registry.Problems
	for _, view := range t.views() {
		for _, column := range slices.Sorted(maps.Keys(t.Images[view])) {
			out = append(out, wants(rows, at+"."+view+"."+column, t.Images[view][column], "the table")...)
		}
	}
	for _, column := range append(t.ofImages(), ViewTag) {
		if !rows.has(column) || t.madeOf(column, column) {
			continue
		}
		hint := "choose another name"
		if column == ViewTag {
			hint = "call it otherwise in the table: view says which image of its row one is"
		}
		out = append(out, registry.Problem{Path: at, Text: fmt.Sprintf("the table has a column %s already", column), Hint: hint})
	}
	return out.Err()
}

// madeOf says whether a column of images is read from a column of the table.
func (t Table) madeOf(column, from string) bool {
	for _, one := range t.Images {
		if one[column] == from {
			return true
		}
	}
	return false
}

// imaging finds what is wrong with the settings of Images.
func (t Table) imaging() error {
	views, columns := t.views(), t.ofImages()
	switch {
	case len(views) > 0 && t.View != "":
		return errors.New("view: images names what the images of a row show already")
	case len(views) == 0:
		return nil
	case len(views) == 1:
		return fmt.Errorf("images: %s is the only one; name two or more, or write its columns without images", views[0])
	case slices.ContainsFunc(slices.Concat(views, columns), func(name string) bool { return strings.TrimSpace(name) == "" }):
		return errors.New("images: an image of a row, and each of its columns, needs a name")
	case slices.Contains(columns, ViewTag):
		return errors.New("images: view is what says which image of its row one is: call the column otherwise")
	case t.Series != "" && !slices.Contains(columns, t.Series):
		return fmt.Errorf("series: images of a row are of series of their own: write series beside image for each of images, such as {image: left_path, series: %s}", t.Series)
	case !slices.ContainsFunc(columnsIn(t.Image), t.ofOneImage):
		return fmt.Errorf("images: none of them says where it is: image is %s; write {image: COLUMN} for each, or a pattern such as image: \"{id}_{view}.png\"", t.Image)
	}
	for _, column := range columns {
		if err := t.fromEach(column); err != nil {
			return err
		}
	}
	return nil
}

// fromEach wants a column of images from each view, and not from one column for all; the paths
// of images not from one column twice.
func (t Table) fromEach(column string) error {
	seen := map[string]string{}
	for _, view := range t.views() {
		from := t.Images[view][column]
		before, twice := seen[from]
		_, replaced := t.Replace[from]
		switch {
		case from == "":
			return fmt.Errorf("images: %s names no column as its %s, others do", view, column)
		case twice && slices.Equal(columnsIn(t.Image), []string{column}):
			return fmt.Errorf("images: %s and %s are both read from the column %s", before, view, from)
		case replaced && from != column:
			return fmt.Errorf("replace: cells of %s are read as %s: write that", from, column)
		}
		seen[from] = view
	}
	if len(seen) == 1 {
		return fmt.Errorf("images: %s is the column %s for all; what the images of a row share is named without images", column, slices.Collect(maps.Keys(seen))[0])
	}
	return nil
}

// ofOneImage says whether a column is another for each image of a row, or made of one.
func (t Table) ofOneImage(column string) bool {
	for range len(t.Extract) + 1 {
		if column == ViewTag || slices.Contains(t.ofImages(), column) {
			return true
		}
		column = t.Extract[column].From
	}
	return false
}

// shared refuses settings that name a column of single images, where these are views of one
// sample.
func (t Table) shared(columns []wantedColumn) error {
	const at = "data.source.table."
	wanted := []wantedColumn{{path: at + "id", name: t.ID}, {path: at + "group", name: t.Group}}
	for setting, names := range map[string][]string{"labels": t.Labels, "tags": t.Tags} {
		for i, name := range names {
			wanted = append(wanted, wantedColumn{path: fmt.Sprintf("%s%s.%d", at, setting, i), name: name})
		}
	}
	var out registry.Problems
	for _, c := range append(wanted, columns...) {
		if t.ofOneImage(c.name) {
			out = append(out, registry.Problem{Path: c.path, Text: fmt.Sprintf("%s is another for each image of a row, and data.views makes one sample of them", c.name),
				Hint: "name columns of the row, such as all labels of its images with data.label: all; or leave data.views out, so that each image is a sample"})
		}
	}
	return out.Sorted().Err()
}

// wholeRow is what the images of a row have in common.
type wholeRow struct {
	name  string // of the row: its id, or the first image that it names
	named bool   // it names an image at all
}

// wholeOf looks at the rows that are the images of one.
func (r *tableReader) wholeOf(of []row) (out wholeRow) {
	for _, one := range of {
		if name := r.images.name(r.Image, one); name != "" && !out.named {
			out = wholeRow{name: name, named: true}
		}
	}
	if id := of[0].cell(r.ID); id != "" {
		out.name = id
	}
	return out
}

// ofOneRow gives the first of some rows, with those that are images of the same row.
func ofOneRow(rows []row) []row {
	n := 1
	for rows[0].of > 0 && n < len(rows) && rows[n].of == rows[0].of {
		n++
	}
	return rows[:n]
}

// nameless reports a row that names no image. What one of several images lacks is no mistake;
// of views the rule view_missing tells it.
func (r *tableReader) nameless(row row) {
	line := fmt.Sprintf("line %d", row.line)
	switch {
	case !r.whole.named:
		r.reports.add("missing_image", line, line+" names none")
	case !r.asViews:
		r.reports.add("image_not_named", PictureID(line, row.cell(ViewTag)), "")
	}
}

// rowOfViews makes the cases of a row whose images are views of one sample: of each label one
// for each image, until the rules have looked at them; see view.joinRows.
func (r *tableReader) rowOfViews(of []row) {
	first := of[0]
	one := stage.Case{ID: r.id(first.line, r.whole.name, first), Group: r.group(first, r.whole.name)}
	of = slices.DeleteFunc(slices.Clone(of), func(row row) bool { return !r.wanted(row) })
	if len(of) == 0 {
		r.reports.add("row_not_wanted", one.ID, "")
		return
	}
	if rule := r.dropped(one); rule != "" {
		r.reports.add(rule, one.ID, "")
		return
	}
	if r.whole = r.wholeOf(of); !r.whole.named { // maybe those that only leaves out
		r.nameless(first)
		return
	}
	if r.repeats(one.ID) {
		return
	}
	r.pictures = nil
	for _, row := range of {
		r.picture(one, row)
	}
	r.labels(one, first)
}

// picture finds one of the views of a sample. What a cell does not name is not there.
func (r *tableReader) picture(one stage.Case, row row) {
	view := row.cell(ViewTag)
	if r.images.name(r.Image, row) == "" {
		return
	}
	point, err := r.point(row)
	if err != nil {
		r.reports.add("unreadable_point", PictureID(one.ID, view), err.Error())
		return
	}
	images := r.images.of(r.Image, row)
	if len(images) > 1 {
		r.failed = cmp.Or(r.failed, error(stage.Wrong{Path: "data.source.table.image", Err: stage.Fault{
			Err:  fmt.Errorf("several files are the view %s of %s: %s", view, one.ID, examples(images)),
			Hint: "a view is one image: say more in the pattern; or name the folder itself, whose images are the slices of a series",
		}}))
	}
	its := stage.Case{Group: one.Group, Series: row.cell(r.Series), Image: images[0], Point: point, Picture: r.mark(row)}
	r.place(&its)
	r.pictures = append(r.pictures, its)
}

// mark names what the image of a row shows; nil where nothing says it.
func (r *tableReader) mark(row row) *stage.Mark {
	view := row.cell(ViewTag)
	if view == "" || row.of == 0 && r.View == "" {
		return nil
	}
	if r.marks[view] == nil {
		r.marks[view] = &stage.Mark{Name: view}
	}
	return r.marks[view]
}

// add adds a case: where its row has views, one for each.
func (r *tableReader) add(one stage.Case) {
	if !r.asViews {
		r.found.Cases = append(r.found.Cases, one)
		return
	}
	for _, p := range r.pictures {
		its := one
		its.ID, its.Image, its.Images, its.Series, its.Point, its.Picture = PictureID(one.ID, p.Picture.Name), p.Image, p.Images, p.Series, p.Point, p.Picture
		r.found.rowOf[its.ID] = one.ID
		r.found.Cases = append(r.found.Cases, its)
	}
}
