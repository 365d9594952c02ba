package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
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

// ImageColumns are the columns that Images adds, sorted.
func (t Table) ImageColumns() []string {
	seen := map[string]bool{}
	for _, one := range t.Images {
		for column := range one {
			seen[column] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Melt makes a row of each image of a row, as a wide table is melted: with its name in the
// column view, and its own columns as Images calls them.
func (t Table) Melt(rows *table.Sheet) error {
	if len(t.Images) == 0 {
		return nil
	}
	if err := t.fitsImages(*rows); err != nil {
		return err
	}
	views, added := t.views(), append([]string{ViewTag}, t.ImageColumns()...)
	rows.Melt(len(views), added, func(r table.Row, i int, column string) string {
		if column == ViewTag {
			return views[i]
		}
		return r.Cell(t.Images[views[i]][column])
	})
	return nil
}

// fitsImages wants the columns that images are read from, and none that is called as a new one,
// unless that is made of it: {left: image, right: image_2}.
func (t Table) fitsImages(rows table.Sheet) error {
	const at = "data.source.table.images"
	var out registry.Problems
	for _, view := range t.views() {
		for _, column := range slices.Sorted(maps.Keys(t.Images[view])) {
			out = append(out, rows.Wants(at+"."+view+"."+column, t.Images[view][column], "the table")...)
		}
	}
	for _, column := range append(t.ImageColumns(), ViewTag) {
		if !rows.Has(column) || t.madeOf(column, column) {
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
	views, columns := t.views(), t.ImageColumns()
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
	case !slices.ContainsFunc(places.Columns(t.Image), t.ofOneImage):
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
		case twice && slices.Equal(places.Columns(t.Image), []string{column}):
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
		if column == ViewTag || slices.Contains(t.ImageColumns(), column) {
			return true
		}
		column = t.Extract[column].From
	}
	return false
}
