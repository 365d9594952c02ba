package audit

import (
	"cmp"
	"context"
	"errors"
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

func init() {
	Sources.Add("table", "a CSV file with an image and its label, or labels, in each row", Table{Image: "image", Labels: []string{"label"}, Repeated: eachRow, Missing: []string{"NaN", "nan", "NA", "N/A", "n/a", "<NA>", "null", "NULL"}},
		"table: {file: ../data/cases.csv, group: patient, image: path, labels: [grade]}")
}

// Table reads any CSV file whose columns are named. With several label columns a
// row makes a case for each, as a wide table is melted.
type Table struct {
	File      registry.Path                `help:"CSV file with a header; cells may be separated by semicolons, tabs, bars or blanks too, and gzip may have packed it; or an Excel workbook (.xlsx), of which the first sheet counts" required:"true"`
	Columns   []string                     `help:"names of the columns, where the file has no header"`
	HeldOut   map[string]registry.Path     `help:"files with the rows of other splits, by validation and test; those of file are then for training, and data.split: {column: split} keeps to that"`
	Join      []Join                       `help:"further tables, whose columns each row gets that has their key"`
	Extract   map[string]Extract           `help:"new columns by their names, each a part of another one, such as the patient in a path: {patient: {from: Path, match: 'patient([0-9]+)'}}"`
	Replace   map[string]map[string]string `help:"columns, and what cells of each are read as instead: {Edema: {'-1.0': '1.0'}} takes what is uncertain of one finding for a yes"`
	Cut       map[string][]float64         `help:"columns of numbers, and where each is cut into classes: {MMSE: [24, 27]} makes of them <24, 24 to <27 and >=27, for labels, tags and covariates; replace comes before it"`
	Only      map[string][]string          `help:"columns and the values that count of each; rows of others are left out: {view: [PA, AP]}"`
	Root      registry.Path                `help:"folder that image paths begin at; the CSV file's own when empty"`
	ID        string                       `help:"column of the case's id; when empty, ids are the image paths, with the row's number where a path comes twice"`
	Group     string                       `help:"column of what a split keeps together, such as the patient or the study; each image by itself when empty"`
	Series    string                       `help:"column of the series; none when empty"`
	Image     string                       `help:"column of the image's path, which may lack its ending; or a pattern of paths with columns in braces, and stars for anything: images_*/{image_id}.png. Of several files that match one row each is a case. A folder, or a file of several frames, is a series of images, and heart.dcm#3 one frame"`
	Images    map[string]Pictured          `help:"images of a row by name, where it has several: {left: left_path, right: right_path}, or with more columns of each {left: {image: left_path, grade: left_grade}, …}, which image, labels and other settings then know by these names, as image and grade. Each is a sample with the tag view, which is its name; those that data.views names are views of one sample instead"`
	View      string                       `help:"where each image has a row: column of what it shows, such as CC and MLO, or a pattern of columns in braces, such as {laterality}_{view_position}. It is the tag view; with data.sample study, the images of a group are views that data.views names"`
	Labels    []string                     `help:"columns of labels; of several, each makes a case with the tag target, and with data.label all a net answers them together"`
	OneHot    bool                         `help:"labels are the columns of the classes, of which a row has one: that whose cell says 1, true or yes"`
	X         string                       `help:"column of the labelled point, pixels to the right of the top-left one; none when empty"`
	Y         string                       `help:"column of the labelled point, pixels below the top-left one; none when empty"`
	Separator string                       `help:"what stands between findings where a cell of the only label column lists several, such as |: each finding is then a target of two classes, no and yes"`
	Findings  []string                     `help:"with separator: the findings that count; all that occur when empty. A cell that lists none of them says no to all"`
	Classes   []string                     `help:"class names in order; the labels that occur, sorted, when empty"`
	Missing   []string                     `help:"cells that stand for no label, besides the empty one; a class of that name counts all the same where classes names it"`
	Blank     string                       `help:"label that an empty cell stands for, such as 0 where what is not mentioned is not there; no label when empty"`
	Repeated  string                       `help:"what several rows of one id, or of one image, make, such as those of several readers: each a case, or together one with the commonest label, or with the worst" oneof:"each commonest worst"`
	Tags      []string                     `help:"columns to keep as tags, for splits and for results by subgroup"`
}

// Validate wants both coordinates or none.
func (t Table) Validate() error {
	switch {
	case (t.X == "") != (t.Y == ""):
		return errors.New("x and y go together: name both columns or none")
	case len(t.Labels) == 0:
		return errors.New("labels names no column")
	case t.Image == "":
		return errors.New("image names no column")
	case len(t.Findings) > 0 && t.Separator == "":
		return errors.New("findings count with a separator only, such as separator: \"|\"")
	}
	return errors.Join(onceEach("labels", t.Labels), onceEach("findings", t.Findings), onceEach("classes", t.Classes), t.listing(), t.shaping(), t.imaging(), t.cutting())
}

// onceEach refuses a list that names something twice.
func onceEach(setting string, names []string) error {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("%s: %s is named twice", setting, name)
		}
	}
	return nil
}

// Read makes a case of each row and label.
func (t Table) Read(ctx context.Context, request *Request) (Found, error) {
	if t.Root == "" {
		t.Root = registry.Path(filepath.Dir(string(t.File)))
	}
	data, err := os.ReadFile(string(t.File))
	if err != nil {
		return Found{}, stage.Wrong{Path: "data.source.table.file", Err: stage.Fault{Err: files.NotThere(string(t.File), err), Hint: hintCSV}}
	}
	return t.parse(ctx, request, data)
}

func (t Table) parse(ctx context.Context, request *Request, data []byte) (Found, error) {
	var told reports
	rows, err := t.whole(data, &told)
	if err != nil {
		return Found{}, err
	}
	if err := t.missingColumns(rows, request); err != nil {
		return Found{}, err
	}
	if err := t.unknownValues(rows); err != nil {
		return Found{}, err
	}
	if err := t.fitsViews(request); err != nil {
		return Found{}, err
	}
	if t.OneHot {
		t.Labels, t.Classes = []string{classColumn}, t.Labels
	}
	t.tagged(rows, request)
	r := &tableReader{Table: t, request: request, reports: told, images: places.NamedBy(string(t.Root), t.Image), marks: map[string]*stage.Mark{}, seen: map[string]bool{}, said: map[string][]int{}, tags: tagSets{}, found: Found{table: true, viewed: t.View != "", Root: string(t.Root), Series: map[string]Series{}, groups: naming.Groups(t.Group)}}
	if r.findings, err = t.findings(rows); err != nil {
		return Found{}, err
	}
	if r.found.Classes = t.ClassesIn(rows); len(t.Classes) == 0 && request.order != nil {
		r.found.Classes = request.order(r.found.Classes)
	}
	if column := t.unusedPatients(rows, request); column != "" {
		r.reports.again("unused_patients", column, "")
	}
	if len(t.HeldOut) > 0 && !request.fixed {
		r.reports.again("unused_split", SplitTag, "")
	}
	if r.asViews = request.views && len(t.Images) > 0; r.asViews {
		r.found.rowOf, r.found.views = map[string]string{}, t.views()
	}
	err = r.rows(ctx, rows.Rows)
	r.finish()
	return r.found, err
}

// tagged adds the columns that settings ask about to the tags, and what an image shows, where
// that is not one of several views.
func (t *Table) tagged(rows table.Sheet, request *Request) {
	t.Tags = slices.Clone(t.Tags)
	add := func(column string) {
		if rows.Has(column) && !slices.Contains(t.Tags, column) {
			t.Tags = append(t.Tags, column)
		}
	}
	if t.View != "" || len(t.Images) > 0 && !request.views {
		add(ViewTag)
	}
	for _, c := range request.columns {
		add(c.name)
	}
}

// ClassesIn are the names given, or all labels that occur.
func (t Table) ClassesIn(rows table.Sheet) []string {
	if len(t.Classes) > 0 {
		return t.Classes
	}
	if t.Separator != "" {
		return []string{"no", "yes"}
	}
	seen := map[string]bool{}
	for _, row := range rows.Rows {
		for _, column := range t.Labels {
			if word := t.word(row, column); !t.missing(word) && t.wanted(row) {
				seen[word] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(seen), t.inOrder)
}

// word is the label in a column of a row; "" where there is none.
func (t Table) word(r table.Row, column string) string { return cmp.Or(r.Cell(column), t.Blank) }

func (t Table) missing(cell string) bool {
	return cell == "" || slices.Contains(t.Missing, cell) && !slices.Contains(t.Classes, cell)
}
