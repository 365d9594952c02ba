package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Guess is what a data set seems to be. Whoever reads it decides.
type Guess struct {
	Source  registry.One[Source] // with paths as they were given
	Classes []string             // of a table or of folders, in the order of the alphabet or of numbers
	Others  []string             // columns that may be the labels as well
	Side    int                  // shorter side of the first image in pixels; 0 where it is not known
	Nested  bool                 // images lie in folders of the classes' folders, which may be series
	Sample  string               // what they are samples of, see Config; "" where each is one
	Slices  int                  // of a series, the middle of the first ones; 0 where images are single
	Points  bool                 // there are labelled points
	Split   string               // column that says what is for training and what for tests; "" where there is none
}

// GuessSource looks at a CSV file, a folder with a folder for each class, or a folder
// of the RSNA layout, and says how they might be read.
func GuessSource(path string) (Guess, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Guess{}, stage.Fault{Err: notThere(path, err), Hint: "name a CSV file, or a folder that holds a folder of images for each class"}
	}
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".yaml" || ext == ".yml" {
		return Guess{}, stage.Fault{Err: fmt.Errorf("%s is an experiment file already", path), Hint: "runner check shows what it does; to begin one, name a CSV file or a folder of images"}
	}
	if !info.IsDir() {
		return guessTable(path)
	}
	if _, err := os.Stat(filepath.Join(path, "train_images")); err == nil {
		one := registry.One[Source]{Name: "rsna", Part: RSNA{Root: registry.Path(path)}}
		return Guess{Source: one, Points: true}, nil
	}
	return guessFolders(path)
}

func guessFolders(root string) (Guess, error) {
	g := Guess{Source: registry.One[Source]{Name: "folders", Part: Folders{Root: registry.Path(root)}}}
	r := folderReader{root: root}
	if err := r.classes(nil); err != nil {
		return g, err
	}
	series := 0
	for i, class := range r.found.Classes {
		images := imagesIn(filepath.Join(root, class))
		if len(images) > 0 && g.Side == 0 {
			g.Side, g.Slices = looksOf(images[:min(len(images), triedSeries)])
		}
		if i < triedSeries && ofOneSeries(images) {
			series++
		}
	}
	if n := len(r.found.Classes); n > 2 && series == min(n, triedSeries) {
		return g, stage.Fault{Err: fmt.Errorf("each of the %d folders in %s holds the slices of one series, and so is no class", n, root),
			Hint: "write a CSV file with a row for each series, its folder and its label, and name that; or make a folder for each class, which holds those of its series"}
	}
	if g.Side == 0 {
		g.nested(root)
	}
	if g.Classes = r.found.Classes; len(g.Classes) < 2 {
		tables, _ := filepath.Glob(filepath.Join(root, "*.csv"))
		return g, stage.Fault{Err: fmt.Errorf("%s holds %d folders; want one of images for each class", root, len(g.Classes)),
			Hint: "name the folder above those of the classes, or a CSV file" + strings.TrimSuffix(": "+strings.Join(tables, ", "), ": ")}
	}
	return g, nil
}

// nested looks at images in folders of the classes' folders: DICOM files of one series are
// its slices, of other images a person must say.
func (g *Guess) nested(root string) {
	var folders []string
	one := true
	all, _ := filepath.Glob(filepath.Join(root, "*", "*"))
	deeper, _ := filepath.Glob(filepath.Join(root, "*", "*", "*"))
	for _, folder := range append(all, deeper...) {
		if len(folders) == triedSeries {
			break
		}
		images := imagesIn(folder)
		if len(images) == 0 {
			continue
		}
		folders = append(folders, folder)
		one = one && ofOneSeries(images)
	}
	if len(folders) == 0 {
		return
	}
	g.Nested = true
	side, slicesOf := looksOf(folders)
	if g.Side = side; one && slicesOf > 0 {
		g.Sample, g.Slices = "series", slicesOf
	}
}

// ofOneSeries says whether images seem to be of one series, which their headers name.
func ofOneSeries(images []string) bool {
	if len(images) == 0 {
		return false
	}
	first, last := headOf(images[0]).SeriesUID, headOf(images[len(images)-1]).SeriesUID
	return first != "" && first == last
}

// looksOf gives the shorter side of the first image, 0 where it cannot be read, and how many
// slices most images are, which may be folders: the median, and 0 where that is one.
func looksOf(images []string) (side, slicesOf int) {
	var counts []int
	for _, path := range images {
		inner := imagesIn(path)
		if len(inner) > 0 {
			path = inner[0]
		}
		h := headOf(path)
		if counts = append(counts, max(len(inner), h.Frames)); side == 0 {
			side = min(h.Rows, h.Columns)
		}
	}
	slices.Sort(counts)
	if slicesOf = counts[len(counts)/2]; slicesOf < 2 {
		return side, 0
	}
	return side, slicesOf
}

// headOf is what a file's header says; nothing where it cannot be read.
func headOf(path string) *head {
	h := &head{}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		h.Size = info.Size()
		h.read(path)
	}
	return h
}

// The most values that a column of labels has, and how many rows are tried as paths, and
// looked at.
const (
	mostClasses = 20
	triedRows   = 40
	triedSeries = 9
)

// What columns are called, what is likeliest first.
var (
	labelName  = regexp.MustCompile(`(?i)^(label|class|target|grade|severity|diagnosis|finding|outcome|category|y)s?$`)
	labelWord  = regexp.MustCompile(`(?i)(^|[^\pL])(label|class|target|grade|severity|diagnos[ei]s?|finding|outcome|category|pathology)s?($|[^\pL])`)
	foldNames  = regexp.MustCompile(`(?i)^k?_?folds?$`)
	groupNames = []*regexp.Regexp{regexp.MustCompile(`(?i)patient|^pid$`), regexp.MustCompile(`(?i)subject|person|case_?id`), regexp.MustCompile(`(?i)study|exam`)}
)

func guessTable(path string) (Guess, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Guess{}, notThere(path, err)
	}
	rows, err := parseTable(data)
	if err == nil && len(rows.rows) == 0 {
		err = errors.New("it has no rows")
	}
	if err != nil {
		return Guess{}, fmt.Errorf("%s: %w", path, err)
	}
	t := Table{File: registry.Path(path)}
	root := ""
	if t.Image, root = imageColumn(rows, filepath.Dir(path)); t.Image == "" {
		return Guess{}, stage.Fault{Err: fmt.Errorf("no column of %s names files that are there; it has %s", path, strings.Join(rows.columns, ", ")),
			Hint: "paths in it begin at its own folder, or at a folder in that"}
	}
	if root != filepath.Dir(path) {
		t.Root = registry.Path(root)
	}
	t.Group = groupColumn(rows, t.Image)
	if rows.has("x") && rows.has("y") {
		t.X, t.Y = "x", "y"
	}
	split := splitColumn(rows)
	few := columnsOfFew(rows, []string{t.Image, t.Group, t.X, t.Y, split})
	if listed := t.guessListing(rows, few); len(few) == 0 && !listed {
		return Guess{}, stage.Fault{Err: fmt.Errorf("no column of %s can be labels; it has %s", path, strings.Join(rows.columns, ", ")), Hint: fmt.Sprintf("labels have 2 to %d different values", mostClasses)}
	}
	one, _ := Sources.Default("table")
	t.Missing = one.Part.(Table).Missing
	if t.Separator == "" {
		t.Labels = t.guessLabels(rows, few)
	}
	g := Guess{Classes: t.classes(rows), Points: t.X != "", Split: split}
	var first []string
	for _, row := range rows.rows[:min(len(rows.rows), triedSeries)] {
		first = append(first, beginningAt(root, row.cell(t.Image)))
	}
	g.Side, g.Slices = looksOf(first)
	for _, name := range few {
		if !slices.Contains(t.Labels, name) {
			g.Others = append(g.Others, name)
		}
	}
	g.Source = registry.One[Source]{Name: "table", Part: t}
	return g, nil
}

// guessLabels takes the column of a usual name, or several that say the same yes or no of
// different things, or the last.
func (t Table) guessLabels(rows table, few []string) []string {
	if at := calledAsLabels(few); at >= 0 {
		return few[at : at+1]
	}
	var said []string
	for _, name := range few {
		t.Labels = []string{name}
		if slices.Contains(yesOrNo, strings.ToLower(strings.Join(t.classes(rows), " "))) {
			said = append(said, name)
		}
	}
	if t.Labels = said; len(said) > 1 && len(t.classes(rows)) == 2 {
		return said
	}
	return few[len(few)-1:]
}

// calledAsLabels finds the column whose name says that it holds labels, alone or among
// other words; -1 where none does, or several do among other words.
func calledAsLabels(columns []string) int {
	if at := slices.IndexFunc(columns, labelName.MatchString); at >= 0 {
		return at
	}
	found := -1
	for at, column := range columns {
		if !labelWord.MatchString(column) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = at
	}
	return found
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

// yesOrNo are the classes of columns that say whether something is there.
var yesOrNo = []string{"0 1", "0.0 1.0", "no yes", "n y", "false true", "negative positive", "absent present"}

// groupColumn is the column that seems to say whose an image is; "" where there is none.
func groupColumn(t table, image string) (found string) {
	for _, name := range slices.Backward(groupNames) {
		if at := slices.IndexFunc(t.columns, func(c string) bool { return c != image && name.MatchString(c) }); at >= 0 {
			found = t.columns[at]
		}
	}
	return found
}

// imageColumn finds the column most of whose cells are files, and the folder that they
// begin at: the table's own or one in it.
func imageColumn(t table, dir string) (column, root string) {
	roots := []string{dir}
	entries, _ := os.ReadDir(dir) // what cannot be listed is not tried
	for _, e := range entries {
		if e.IsDir() && !hidden(e) && len(roots) <= mostClasses {
			roots = append(roots, filepath.Join(dir, e.Name()))
		}
	}
	most := 0
	for _, one := range roots {
		for _, name := range t.columns {
			there := 0
			for _, row := range t.rows[:min(len(t.rows), triedRows)] {
				if row.cell(name) == "" {
					continue
				}
				file, _ := stage.FrameOf(beginningAt(one, row.cell(name)))
				if _, err := os.Stat(file); err == nil {
					there++
				}
			}
			if there > most {
				column, root, most = name, one, there
			}
		}
	}
	return column, root
}

// beginningAt is a path of a table, which begins at a folder unless it is absolute.
func beginningAt(root, path string) string {
	if path = pathIn(path); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, path)
}

// columnsOfFew lists the columns with few values, each of which comes again.
func columnsOfFew(t table, not []string) (out []string) {
	one, _ := Sources.Default("table")
	for _, name := range t.columns {
		values, rows := map[string]bool{}, 0
		for _, row := range t.rows {
			if cell := row.cell(name); !one.Part.(Table).missing(cell) {
				values[cell], rows = true, rows+1
			}
		}
		if n := len(values); n >= 2 && n <= mostClasses && rows >= 2*n && !slices.Contains(not, name) {
			out = append(out, name)
		}
	}
	return out
}
