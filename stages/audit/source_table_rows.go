package audit

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// tableReader makes cases of rows.
type tableReader struct {
	Table
	request *Request
	reports reports
	images  *places.Named
	seen    map[string]bool
	said    map[string][]int // labels of each case, where several rows make one
	found   Found
	tags    tagSets

	findings []string // that cells list; nil where each holds one label

	asViews  bool                   // images of a row are views of one sample
	whole    wholeRow               // that is read
	pictures []stage.Case           // its views
	marks    map[string]*stage.Mark // by view
	failed   error                  // the first thing that cannot be
}

// rows makes cases of all rows.
func (r *tableReader) rows(ctx context.Context, rows []table.Row) error {
	for i := 0; i < len(rows) && r.failed == nil; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		of := ofOneRow(rows[i:])
		if i += len(of); of[0].Of > 0 {
			r.whole = r.wholeOf(of)
		}
		if r.asViews {
			r.rowOfViews(of)
			continue
		}
		for _, row := range of {
			r.row(row.Line, row)
		}
	}
	return r.failed
}

// group is what a row, or an image by itself, is kept together with. A held-out row of no
// group keeps to its split by itself, whosever it is.
func (r *tableReader) group(row table.Row, name string) string {
	group := row.Cell(r.Group)
	heldOut := len(r.HeldOut) > 0 && row.Cell(SplitTag) != string(stage.Train)
	if r.Group == "" || group == "" && heldOut {
		return name
	}
	return group
}

// row makes the cases of a row of a line of the file.
func (r *tableReader) row(line int, row table.Row) {
	name := r.images.Name(row)
	one := stage.Case{ID: r.id(line, name, row), Group: r.group(row, cmp.Or(r.whole.name, name)), Series: row.Cell(r.Series), Picture: r.mark(row)}
	if !r.wanted(row) {
		r.reports.add("row_not_wanted", one.ID, "")
		return
	}
	point, err := r.point(row)
	if one.Point = point; err != nil {
		r.reports.add("unreadable_point", one.ID, err.Error())
		return
	}
	if rule := r.dropped(one); rule != "" {
		r.reports.add(rule, one.ID, "")
		return
	}
	if name == "" {
		r.nameless(row)
		return
	}
	if r.repeats(one.ID) {
		return
	}
	images := r.images.Of(row)
	for _, image := range images {
		its := one
		if its.Image = image; len(images) > 1 {
			its.ID = path.Join(one.ID, filepath.Base(image))
		}
		r.place(&its)
		r.labels(its, row)
	}
}

// labels makes the cases of an image of a row.
func (r *tableReader) labels(one stage.Case, row table.Row) {
	switch {
	case r.findings != nil:
		r.eachFinding(one, row)
	case len(r.Labels) == 0: // to be predicted: see Unseen
		r.label(one, row, "", "")
	}
	for _, column := range r.Labels {
		if r.findings == nil {
			r.label(one, row, column, r.word(row, column))
		}
	}
}

// targets are those of each row; nil where it has one label.
func (r *tableReader) targets() []string {
	if len(r.Labels) > 1 {
		return r.Labels
	}
	return r.findings
}

// dropped gives the rule by which a row is to be left out. Whether a list of what to keep
// names one of several labels is seen with the label.
func (r *tableReader) dropped(one stage.Case) string {
	if r.targets() == nil {
		return r.request.Drops(one.Group, one.Series, one.ID)
	}
	return r.request.DropsSample(one.Group, one.Series, one.ID)
}

// repeats says whether an earlier row of several labels has the id. Then none of this one's
// count: those that the earlier row lacks would be taken for labels of its image.
func (r *tableReader) repeats(id string) bool {
	targets := r.targets()
	if targets == nil || r.together() {
		return false
	}
	if !r.seen["row "+id] {
		r.seen["row "+id] = true
		return false
	}
	for _, target := range targets {
		r.reports.again("duplicate_id", id+"_"+target, "")
	}
	return true
}

func (r *tableReader) id(line int, name string, row table.Row) string {
	switch {
	case r.ID != "" && row.Of > 0 && !r.asViews:
		return row.Cell(r.ID) + "_" + row.Cell(ViewTag)
	case r.ID != "":
		return row.Cell(r.ID)
	}
	if r.seen[name] && !r.together() {
		return fmt.Sprintf("%s (line %d)", name, line)
	}
	r.seen[name] = true
	return name
}

func (r *tableReader) point(row table.Row) (*stage.Point, error) {
	if r.X == "" {
		return nil, nil
	}
	x, errX := strconv.ParseFloat(row.Cell(r.X), 64)
	y, errY := strconv.ParseFloat(row.Cell(r.Y), 64)
	if errX != nil || errY != nil || math.IsNaN(x+y) || math.IsInf(x+y, 0) {
		return nil, fmt.Errorf("x is %q, y is %q", row.Cell(r.X), row.Cell(r.Y))
	}
	return &stage.Point{X: x, Y: y}, nil
}

// place finds the files of a case whose image is a folder, and remembers its
// series.
func (r *tableReader) place(one *stage.Case) {
	if info, err := os.Stat(one.Image); err == nil && info.IsDir() {
		if one.Series == "" {
			one.Series = one.Image
		}
		s := Series{Key: one.Series, Study: one.Group}
		for i, path := range files.Images(one.Image) {
			s.Files = append(s.Files, File{Path: path, Instance: i + 1})
			one.Images = append(one.Images, path)
		}
		if len(one.Images) > 0 {
			one.Image = one.Images[len(one.Images)/2]
		}
		r.found.Series[one.Series] = s
		return
	}
	if one.Series != "" {
		s := r.found.Series[one.Series]
		s.Key, s.Study = one.Series, one.Group
		if !slices.ContainsFunc(s.Files, func(f File) bool { return f.Path == one.Image }) {
			s.Files = append(s.Files, File{Path: one.Image, Instance: len(s.Files) + 1})
		}
		r.found.Series[one.Series] = s
	}
}

// label makes the case of one of a row's labels, of a column or a finding.
func (r *tableReader) label(one stage.Case, row table.Row, target, word string) {
	tags := map[string]string{}
	for _, tag := range r.Tags {
		tags[tag] = row.Cell(tag)
	}
	if r.targets() != nil {
		one.Sample = one.ID
		one.ID += "_" + target
		tags[stage.TargetTag] = target
	}
	one.Tags = r.tags.share(tags)
	one.Label = slices.Index(r.found.Classes, word)
	if target == "" {
		one.Label = unlabelled
	}
	switch {
	case r.request.DropsLabel(one.Sample, one.ID):
		r.reports.add("row_dropped_on_request", one.ID, "")
	case target != "" && r.missing(word):
		r.reports.add("empty_label", one.ID, "")
	case target != "" && one.Label < 0:
		r.reports.add("unknown_label", one.ID, fmt.Sprintf("%q is none of %s", word, strings.Join(r.found.Classes, ", ")))
	case r.seen["case "+one.ID] && r.together():
		r.said[one.ID] = append(r.said[one.ID], one.Label)
	case r.seen["case "+one.ID]:
		r.reports.again("duplicate_id", one.ID, "")
	default:
		if r.seen["case "+one.ID] = true; r.together() {
			r.said[one.ID] = []int{one.Label}
		}
		r.add(one)
	}
}
