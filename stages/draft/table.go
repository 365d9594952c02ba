package draft

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// triedSeries is how many rows are looked at.
const triedSeries = 9

// What columns are called, what is likeliest first.
var (
	labelName  = regexp.MustCompile(`(?i)^(label|class|target|grade|severity|diagnos[ei]s|diagnostic|dx|finding|outcome|category|group|y)s?$`)
	labelFirst = regexp.MustCompile(`(?i)^(label|class|target)s?$`)
	labelWord  = regexp.MustCompile(`(?i)(^|[^\pL])(label|class|target|grade|severity|diagnos[ei]s?|finding|outcome|category|pathology)s?($|[^\pL])`)
	foldNames  = regexp.MustCompile(`(?i)^k?_?folds?$`)
)

// table guesses how a table might be read.
func (g guesser) table(path string) (Guess, error) {
	rows, t, err := openTable(path)
	if err != nil {
		return Guess{}, err
	}
	others, tried := t.heldOut(rows)
	tried = append(table.Spread(rows.Rows, places.Tried), tried...)
	var targets []string
	views, lies := g.severalImages(&t, &rows, others)
	if views == nil {
		lies, targets = g.lying(&t, &rows, &tried)
	}
	if lies.Image == "" {
		return Guess{}, noImages(rows, path)
	}
	t.Image = lies.Image
	if root := files.Absolute(filepath.Dir(path)); lies.Root != root && lies.Root != "" {
		t.Root = registry.Path(lies.Root)
	}
	if views == nil {
		t.more(&rows, others)
	}
	if t.Group = naming.GroupColumn(rows, places.OnlyColumn(t.Image)); views == nil {
		t.patient(&rows)
		t.personOfFiles(rows, tried)
	}
	if rows.Has("x") && rows.Has("y") && rows.First("width", "w") == "" { // the corner of a box is no point
		t.X, t.Y = "x", "y"
	}
	out := Guess{Targets: targets, rows: len(rows.Rows), Points: t.X != ""}
	out.divide(&t, rows, others)
	out.Source = registry.One[audit.Source]{Name: "table", Part: t.Table}
	err = out.labelled(&t, rows)
	if out.several(&t, rows, views); views == nil {
		out.Shows, out.Shown = t.shows(rows)
	}
	return out, err
}

// several says what the images of a row are, where it has several: views, or samples.
func (g *Guess) several(t *tableDraft, rows table.Sheet, views []string) {
	own := t.ImageColumns()
	if !t.seenTogether() {
		return
	}
	g.Views, g.Source.Part = views, t.Table
	g.Others = slices.DeleteFunc(g.Others, func(name string) bool { return slices.Contains(own, name) })
	g.Lacking = slices.ContainsFunc(rows.Rows, func(r table.Row) bool { return r.Cell("image") == "" })
}

// divide finds what says which rows are for training: a column, other tables, or lists.
func (g *Guess) divide(t *tableDraft, rows table.Sheet, others map[string]registry.Path) {
	g.Split = splitColumn(rows)
	switch {
	case g.Split != "" && g.Split != audit.SplitTag:
	case len(others) > 0:
		g.Split, t.HeldOut = audit.SplitTag, others
	case g.Split == "":
		g.Lists = t.lists(rows)
	}
}

// tableDraft is a table as it might be read, while that is found out.
type tableDraft struct{ audit.Table }

// extracts adds a further column, where there is none of that name and what it is a part of is
// there.
func (t *tableDraft) extracts(rows *table.Sheet, name string, one audit.Extract) {
	if t.Extract == nil {
		t.Extract = map[string]audit.Extract{}
	}
	t.Extract[name] = one
	extract(rows, name, one)
}

func extract(rows *table.Sheet, name string, one audit.Extract) {
	expression, err := regexp.Compile(one.Match)
	if err == nil && rows.Has(one.From) && !rows.Has(name) {
		rows.Extract(name, one.From, expression)
	}
}

// readFile reads a table; with columns it has no header.
func readFile(path string, columns []string) (table.Sheet, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return table.Sheet{}, err
	}
	return table.ParseAs(data, columns)
}

// openTable reads a table. One whose first line looks like its others has no header, and
// gets names of columns.
func openTable(path string) (table.Sheet, tableDraft, error) {
	t := tableDraft{audit.Table{File: registry.Path(path)}}
	data, err := os.ReadFile(path)
	if err != nil {
		return table.Sheet{}, t, files.NotThere(path, err)
	}
	rows, err := table.Parse(data)
	if err == nil {
		if t.Columns = naming.Headless(rows); t.Columns != nil {
			rows, err = table.ParseAs(data, t.Columns)
		}
	}
	if err == nil && len(rows.Rows) == 0 {
		err = errors.New("it has no rows")
	}
	if err != nil {
		return rows, t, fmt.Errorf("%s: %w", path, err)
	}
	t.Missing = missingWords()
	return rows, t, nil
}

// lying finds where images are. Where no column names one, the beginning of a column may,
// whose end is then what the label is about: ID_12cadc6af_epidural.
func (g guesser) lying(t *tableDraft, rows *table.Sheet, tried *[]table.Row) (lies places.Lying, targets []string) {
	dir := filepath.Dir(string(t.File))
	if lies = g.Images(dir, rows.Columns, *tried); lies.Image != "" {
		return lies, nil
	}
	for _, column := range slices.Clone(rows.Columns) {
		ends := map[string]bool{}
		for _, r := range *tried {
			at := strings.LastIndexByte(r.Cell(column), '_')
			ends[r.Cell(column)[at+1:]] = at > 0
		}
		if len(ends) < 2 || len(ends) > naming.MostClasses || ends[""] || 2*len(ends) > len(*tried) || rows.Has("image") || rows.Has("target") {
			continue
		}
		whole := *rows
		whole.Rows = slices.Clone(rows.Rows)
		var with tableDraft
		with.extracts(&whole, "finding", audit.Extract{From: column, Match: "_([^_]+)$"})
		with.extracts(&whole, "image", audit.Extract{From: column, Match: "^(.+)_"})
		some := table.Spread(whole.Rows, places.Tried)
		if lies = g.Images(dir, []string{"image"}, some); lies.Image != "" {
			*rows, *tried, t.Extract, t.ID = whole, some, with.Extract, column
			return lies, []string{"finding"}
		}
	}
	return places.Lying{}, nil
}

// first lists the images of a few rows.
func (t tableDraft) first(rows table.Sheet) (out []string) {
	root := string(t.Root)
	if root == "" {
		root = filepath.Dir(string(t.File))
	}
	p := places.NamedBy(root, t.Image)
	for _, r := range table.Spread(rows.Rows, triedSeries) {
		if p.Name(r) != "" {
			out = append(out, p.Of(r)[0])
		}
	}
	return out
}

// patient takes whose an image is from its path or name, where no column says it.
func (t *tableDraft) patient(rows *table.Sheet) {
	if t.Group != "" || len(places.Columns(t.Image)) != 1 {
		return
	}
	if one, ok := guessPatient(*rows, places.Columns(t.Image)[0]); ok {
		t.Group = patientName(*rows)
		t.extracts(rows, t.Group, one)
	}
}

// personOfFiles takes the column of persons, each of whom has one row, where the row names
// several files, such as those of sessions.
func (t *tableDraft) personOfFiles(rows table.Sheet, tried []table.Row) {
	columns := places.Columns(t.Image)
	if t.Group != "" || !places.IsPattern(t.Image) || len(columns) == 0 {
		return
	}
	p := places.NamedBy(cmp.Or(string(t.Root), filepath.Dir(string(t.File))), t.Image)
	several := slices.ContainsFunc(tried, func(r table.Row) bool { return p.Name(r) != "" && len(p.Of(r)) > 1 })
	if at := slices.IndexFunc(columns, naming.IsPerson); several && at >= 0 && rows.Has(columns[at]) {
		t.Group = columns[at]
	}
}

// noImages is the error of a table that names no images that are there, or of a format that
// cannot be read.
func noImages(rows table.Sheet, path string) error {
	for _, column := range rows.Columns {
		for _, r := range table.Spread(rows.Rows, 1) {
			if ending := strings.ToLower(filepath.Ext(r.Cell(column))); foreign[ending] != "" {
				return foreignFiles("the column "+column, ending, len(rows.Rows))
			}
		}
	}
	dir := filepath.Dir(path)
	if err := unreadable(dir); err != nil {
		return err
	}
	if err := unnamed(dir); err != nil {
		return err
	}
	return stage.Fault{Err: fmt.Errorf("no column of %s names images that are there; it has %s", path, strings.Join(rows.Columns, ", ")),
		Hint: "images are looked for in the table's folder and in the two above, by their paths, by their names with or without ending, and by folders that are called so"}
}

// splitColumn finds a column that says which rows are for training and which are not.
func splitColumn(t table.Sheet) string {
	for _, name := range t.Columns {
		seen := map[stage.Split]bool{}
		for _, row := range t.Rows {
			split, known := naming.Splits[strings.ToLower(row.Cell(name))]
			if _, numbered := naming.Fold(row.Cell(name)); numbered && foldNames.MatchString(name) {
				split, known = stage.Split("fold "+row.Cell(name)), true
			}
			if seen[split] = true; !known {
				clear(seen)
				break
			}
		}
		if len(seen) > 1 {
			return name
		}
	}
	return ""
}
