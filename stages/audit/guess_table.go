package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// The most values that a column of labels has, and how many rows are tried as paths, and
// looked at.
const (
	mostClasses = 20
	triedRows   = 40
	triedSeries = 9
)

// What columns are called, what is likeliest first.
var (
	labelName  = regexp.MustCompile(`(?i)^(label|class|target|grade|severity|diagnos[ei]s|diagnostic|dx|finding|outcome|category|group|y)s?$`)
	labelFirst = regexp.MustCompile(`(?i)^(label|class|target)s?$`)
	labelWord  = regexp.MustCompile(`(?i)(^|[^\pL])(label|class|target|grade|severity|diagnos[ei]s?|finding|outcome|category|pathology)s?($|[^\pL])`)
	foldNames  = regexp.MustCompile(`(?i)^k?_?folds?$`)
	groupNames = []*regexp.Regexp{namedAs("patient|pid"), namedAs("subject|person|participant|case"), namedAs("study|exam|examination"), regexp.MustCompile(`(?i)lesion_?id`)}
)

// namedAs finds columns that are called by a word for somebody or something, and maybe for
// its number: Patient ID, patient_id, TCIA Patient ID; not Patient Age.
func namedAs(word string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(.*[^a-z])?(` + word + `)s?([ _.-]?(id|no|nr|num|number|name|code|key|uid|instance[ _]?uid))?$`)
}

// table guesses how a table might be read.
func (g *guesser) table(path string) (Guess, error) {
	rows, t, err := openTable(path)
	if err != nil {
		return Guess{}, err
	}
	others, tried := t.heldOut(rows)
	tried = append(spread(rows.rows, triedRows), tried...)
	var targets []string
	views, lies := g.severalImages(&t, &rows, others)
	if views == nil {
		lies, targets = g.lying(&t, &rows, &tried)
	}
	if lies.image == "" {
		return Guess{}, noImages(rows, path)
	}
	t.Image = lies.image
	if root := files.Absolute(filepath.Dir(path)); lies.root != root && lies.root != "" {
		t.Root = registry.Path(lies.root)
	}
	if views == nil {
		t.more(&rows, others)
	}
	if t.Group = groupColumn(rows, t.Image); views == nil {
		t.patient(&rows)
		t.personOfFiles(rows, tried)
	}
	if rows.has("x") && rows.has("y") && rows.first("width", "w") == "" { // the corner of a box is no point
		t.X, t.Y = "x", "y"
	}
	out := Guess{Targets: targets, rows: len(rows.rows), Points: t.X != ""}
	out.divide(&t, rows, others)
	out.Source = registry.One[Source]{Name: "table", Part: t}
	err = out.labelled(&t, rows)
	if out.several(&t, rows, views); views == nil {
		out.Shows, out.Shown = t.shows(rows)
	}
	return out, err
}

// several says what the images of a row are, where it has several: views, or samples.
func (g *Guess) several(t *Table, rows table, views []string) {
	own := t.ofImages()
	if !t.seenTogether() {
		return
	}
	g.Views, g.Source.Part = views, *t
	g.Others = slices.DeleteFunc(g.Others, func(name string) bool { return slices.Contains(own, name) })
	g.Lacking = slices.ContainsFunc(rows.rows, func(r row) bool { return r.cell("image") == "" })
}

// divide finds what says which rows are for training: a column, other tables, or lists.
func (g *Guess) divide(t *Table, rows table, others map[string]registry.Path) {
	g.Split = splitColumn(rows)
	switch {
	case g.Split != "" && g.Split != SplitTag:
	case len(others) > 0:
		g.Split, t.HeldOut = SplitTag, others
	case g.Split == "":
		g.Lists = t.lists(rows)
	}
}

// openTable reads a table. One whose first line looks like its others has no header, and
// gets names of columns.
func openTable(path string) (table, Table, error) {
	t := Table{File: registry.Path(path)}
	data, err := os.ReadFile(path)
	if err != nil {
		return table{}, t, files.NotThere(path, err)
	}
	rows, err := parseTable(data)
	if err == nil {
		if t.Columns = headless(rows); t.Columns != nil {
			rows, err = parseTableOf(data, t.Columns)
		}
	}
	if err == nil && len(rows.rows) == 0 {
		err = errors.New("it has no rows")
	}
	if err != nil {
		return rows, t, fmt.Errorf("%s: %w", path, err)
	}
	t.Missing = missingWords()
	return rows, t, nil
}

// headless names the columns of a table whose first line holds values: the path or the name
// of a file, or nothing but numbers. nil where it is a header.
func headless(t table) (out []string) {
	value := func(cell string) bool {
		_, err := strconv.ParseFloat(cell, 64)
		ending := strings.ToLower(filepath.Ext(cell))
		return err == nil || strings.HasSuffix(cell, "/") || ending != "" && files.IsImage(cell)
	}
	if !slices.ContainsFunc(t.columns, value) || len(t.rows) == 0 {
		return nil
	}
	image, label, fewest := -1, -1, mostClasses+1
	for i, name := range t.columns {
		values := map[string]bool{name: true}
		for _, r := range t.rows {
			values[r.cell(name)] = true
		}
		switch {
		case (filepath.Ext(name) != "" && files.IsImage(name) || strings.Contains(name, "/")) && image < 0:
			image = i
		case len(values) > 1 && len(values) < fewest:
			label, fewest = i, len(values)
		}
		out = append(out, fmt.Sprintf("column_%d", i+1))
	}
	if image >= 0 {
		out[image] = "image"
	}
	if label >= 0 {
		out[label] = "label"
	}
	return out
}

// spread takes n rows from all over a table: those of one part often lie one after the other.
func spread(rows []row, n int) (out []row) {
	for i := range min(n, len(rows)) {
		out = append(out, rows[i*len(rows)/min(n, len(rows))])
	}
	return out
}

// lying finds where images are. Where no column names one, the beginning of a column may,
// whose end is then what the label is about: ID_12cadc6af_epidural.
func (g *guesser) lying(t *Table, rows *table, tried *[]row) (lies lying, targets []string) {
	dir := filepath.Dir(string(t.File))
	if lies = g.images(dir, rows.columns, *tried); lies.image != "" {
		return lies, nil
	}
	for _, column := range slices.Clone(rows.columns) {
		ends := map[string]bool{}
		for _, r := range *tried {
			at := strings.LastIndexByte(r.cell(column), '_')
			ends[r.cell(column)[at+1:]] = at > 0
		}
		if len(ends) < 2 || len(ends) > mostClasses || ends[""] || 2*len(ends) > len(*tried) || rows.has("image") || rows.has("target") {
			continue
		}
		whole := *rows
		whole.rows = slices.Clone(rows.rows)
		with := Table{Extract: map[string]Extract{"image": {From: column, Match: "^(.+)_"}, "finding": {From: column, Match: "_([^_]+)$"}}}
		with.extract(&whole, maps.Clone(with.Extract))
		some := spread(whole.rows, triedRows)
		if lies = g.images(dir, []string{"image"}, some); lies.image != "" {
			*rows, *tried, t.Extract, t.ID = whole, some, with.Extract, column
			return lies, []string{"finding"}
		}
	}
	return lying{}, nil
}

// first lists the images of a few rows.
func (t Table) first(rows table) (out []string) {
	root := string(t.Root)
	if root == "" {
		root = filepath.Dir(string(t.File))
	}
	p := newPlaces(root, t.Image)
	for _, r := range spread(rows.rows, triedSeries) {
		if p.name(t.Image, r) != "" {
			out = append(out, p.of(t.Image, r)[0])
		}
	}
	return out
}

// patient takes whose an image is from its path or name, where no column says it.
func (t *Table) patient(rows *table) {
	if t.Group != "" || len(columnsIn(t.Image)) != 1 {
		return
	}
	if one, ok := guessPatient(*rows, columnsIn(t.Image)[0]); ok {
		t.Group = patientName(*rows)
		t.extracts(t.Group, one)
		t.extract(rows, map[string]Extract{t.Group: one})
	}
}

// personOfFiles takes the column of persons, each of whom has one row, where the row names
// several files, such as those of sessions.
func (t *Table) personOfFiles(rows table, tried []row) {
	columns := columnsIn(t.Image)
	if t.Group != "" || !isPattern(t.Image) || len(columns) == 0 {
		return
	}
	p := newPlaces(cmp.Or(string(t.Root), filepath.Dir(string(t.File))), t.Image)
	several := slices.ContainsFunc(tried, func(r row) bool { return p.name(t.Image, r) != "" && len(p.of(t.Image, r)) > 1 })
	person := func(column string) bool {
		return slices.ContainsFunc(groupNames[:2], func(name *regexp.Regexp) bool { return name.MatchString(column) })
	}
	if at := slices.IndexFunc(columns, person); several && at >= 0 && rows.has(columns[at]) {
		t.Group = columns[at]
	}
}

// noImages is the error of a table that names no images that are there, or of a format that
// cannot be read.
func noImages(rows table, path string) error {
	for _, column := range rows.columns {
		for _, r := range spread(rows.rows, 1) {
			if ending := strings.ToLower(filepath.Ext(r.cell(column))); foreign[ending] != "" {
				return foreignFiles("the column "+column, ending, len(rows.rows))
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
	return stage.Fault{Err: fmt.Errorf("no column of %s names images that are there; it has %s", path, strings.Join(rows.columns, ", ")),
		Hint: "images are looked for in the table's folder and in the two above, by their paths, by their names with or without ending, and by folders that are called so"}
}

// splitColumn finds a column that says which rows are for training and which are not.
func splitColumn(t table) string {
	for _, name := range t.columns {
		seen := map[stage.Split]bool{}
		for _, row := range t.rows {
			split, known := splitNames[strings.ToLower(row.cell(name))]
			if _, numbered := foldOf(row.cell(name)); numbered && foldNames.MatchString(name) {
				split, known = stage.Split("fold "+row.cell(name)), true
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

// groupColumn is the column that seems to say whose an image is; "" where there is none. That
// of images, and one that tells all rows apart, is none.
func groupColumn(t table, image string) (found string) {
	alone := ""
	if of := columnsIn(image); len(of) == 1 {
		alone = of[0]
	}
	for _, name := range slices.Backward(groupNames) {
		if at := slices.IndexFunc(t.columns, func(c string) bool { return c != alone && name.MatchString(c) && t.again(c) }); at >= 0 {
			found = t.columns[at]
		}
	}
	return found
}

// beginningAt is a path of a table, which begins at a folder unless it is absolute.
func beginningAt(root, path string) string {
	if path = pathIn(path); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, path)
}
