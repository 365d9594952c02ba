package audit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// fitsViews refuses settings that do not suit what data.views asks for: a column of single
// images, where these are views of one sample, or images of no group.
func (t Table) fitsViews(request *Request) error {
	switch {
	case request.views && t.View != "" && t.Group == "":
		return stage.Wrong{Path: "data.source.table.group", Err: stage.Fault{Err: errors.New("the images of a group are its views, and no column says of which group an image is"), Hint: "name the column of the study or exam as group"}}
	case !request.views || len(t.Images) == 0:
		return nil
	}
	const at = "data.source.table."
	wanted := []wantedColumn{{path: at + "id", name: t.ID}, {path: at + "group", name: t.Group}}
	for setting, names := range map[string][]string{"labels": t.Labels, "tags": t.Tags} {
		for i, name := range names {
			wanted = append(wanted, wantedColumn{path: fmt.Sprintf("%s%s.%d", at, setting, i), name: name})
		}
	}
	var out registry.Problems
	for _, c := range append(wanted, request.columns...) {
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
func (r *tableReader) wholeOf(of []table.Row) (out wholeRow) {
	for _, one := range of {
		if name := r.images.Name(one); name != "" && !out.named {
			out = wholeRow{name: name, named: true}
		}
	}
	if id := of[0].Cell(r.ID); id != "" {
		out.name = id
	}
	return out
}

// ofOneRow gives the first of some rows, with those that are images of the same row.
func ofOneRow(rows []table.Row) []table.Row {
	n := 1
	for rows[0].Of > 0 && n < len(rows) && rows[n].Of == rows[0].Of {
		n++
	}
	return rows[:n]
}

// nameless reports a row that names no image. What one of several images lacks is no mistake;
// of views the rule view_missing tells it.
func (r *tableReader) nameless(row table.Row) {
	line := fmt.Sprintf("line %d", row.Line)
	switch {
	case !r.whole.named:
		r.reports.add("missing_image", line, line+" names none")
	case !r.asViews:
		r.reports.add("image_not_named", PictureID(line, row.Cell(ViewTag)), "")
	}
}

// rowOfViews makes the cases of a row whose images are views of one sample: of each label one
// for each image, until the rules have looked at them; see view.joinRows.
func (r *tableReader) rowOfViews(of []table.Row) {
	first := of[0]
	one := stage.Case{ID: r.id(first.Line, r.whole.name, first), Group: r.group(first, r.whole.name)}
	of = slices.DeleteFunc(slices.Clone(of), func(row table.Row) bool { return !r.wanted(row) })
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
func (r *tableReader) picture(one stage.Case, row table.Row) {
	view := row.Cell(ViewTag)
	if r.images.Name(row) == "" {
		return
	}
	point, err := r.point(row)
	if err != nil {
		r.reports.add("unreadable_point", PictureID(one.ID, view), err.Error())
		return
	}
	images := r.images.Of(row)
	if len(images) > 1 {
		r.failed = cmp.Or(r.failed, error(stage.Wrong{Path: "data.source.table.image", Err: stage.Fault{
			Err:  fmt.Errorf("several files are the view %s of %s: %s", view, one.ID, examples(images)),
			Hint: "a view is one image: say more in the pattern; or name the folder itself, whose images are the slices of a series",
		}}))
	}
	its := stage.Case{Group: one.Group, Series: row.Cell(r.Series), Image: images[0], Point: point, Picture: r.mark(row)}
	r.place(&its)
	r.pictures = append(r.pictures, its)
}

// mark names what the image of a row shows; nil where nothing says it.
func (r *tableReader) mark(row table.Row) *stage.Mark {
	view := row.Cell(ViewTag)
	if view == "" || row.Of == 0 && r.View == "" {
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
