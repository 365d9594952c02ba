package audit

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"vertebra/stages/stage"
)

// guesser looks for what data sets are made of; what it found in a folder it remembers.
type guesser struct{ files map[string]*imageFiles }

func newGuesser() *guesser { return &guesser{map[string]*imageFiles{}} }

// imageFiles are the image files below a folder, by what a table may call them.
type imageFiles struct {
	root    string
	paths   []string            // absolute, sorted
	names   map[string][]string // without ending → paths
	starts  map[string][]string // what stands before a separator in a name → paths
	folders map[string][]string // name of a folder that holds images, maybe deeper → its paths
}

// mostFiles is how many files are looked at below a folder.
const mostFiles = 300_000

// imagesBelow lists the images below a folder.
func (g *guesser) imagesBelow(root string) *imageFiles {
	root = absolute(root)
	if f, known := g.files[root]; known {
		return f
	}
	f := &imageFiles{root: root, names: map[string][]string{}, starts: map[string][]string{}, folders: map[string][]string{}}
	g.files[root] = f
	seen, last := 0, root
	_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error { // what cannot be read is not found
		seen++
		switch {
		case seen > mostFiles:
			return fs.SkipAll
		case err != nil, path == root:
		case e.IsDir() && (hidden(e) || e.Name() == "__MACOSX"):
			return fs.SkipDir
		case !e.IsDir() && !hidden(e) && imageName(path) && !TableName(path):
			f.add(path)
			if folder := filepath.Dir(path); folder != last {
				f.addFolders(root, folder)
				last = folder
			}
		}
		return nil
	})
	return f
}

func (f *imageFiles) add(path string) {
	stem := stemOf(path)
	f.paths = append(f.paths, path)
	f.names[stem] = append(f.names[stem], path)
	for at, r := range stem {
		if strings.ContainsRune("_-. ", r) && at > 0 {
			f.starts[stem[:at]] = append(f.starts[stem[:at]], path)
		}
	}
}

func (f *imageFiles) addFolders(root, folder string) {
	for folder != root && len(folder) > len(root) {
		name := filepath.Base(folder)
		if slices.Contains(f.folders[name], folder) {
			return
		}
		f.folders[name] = append(f.folders[name], folder)
		folder = filepath.Dir(folder)
	}
}

// How surely a cell names an image.
const (
	byNothing = iota
	byStart   // the name of a file begins with it
	byFolder  // a folder is called so, or its path ends so
	byName    // the name of a file is it, with or without ending, or its path ends so
)

// find looks for the file or folder that a cell names.
func (f *imageFiles) find(cell string) (path string, how int) {
	cell = strings.Trim(filepath.ToSlash(filepath.Clean(pathIn(cell))), "/")
	file, _ := stage.FrameOf(cell)
	if cell == "." {
		return "", byNothing
	}
	if path := filepath.Join(f.root, cell); slices.Contains(f.folders[filepath.Base(cell)], path) {
		return path, byFolder
	}
	for _, path := range append(f.names[stemOf(file)], f.names[filepath.Base(file)]...) {
		if named := filepath.ToSlash(path); strings.HasSuffix(named, "/"+file) || strings.HasSuffix(strings.TrimSuffix(named, filepath.Ext(named)), "/"+file) || strings.HasSuffix(named, "/"+strings.TrimSuffix(file, filepath.Base(file))+filepath.Base(named)) {
			return path, byName
		}
	}
	for _, path := range f.folders[filepath.Base(cell)] {
		if strings.HasSuffix(filepath.ToSlash(path), "/"+cell) {
			return path, byFolder
		}
	}
	if found := f.starts[cell]; len(cell) > 3 && len(found) > 0 {
		return found[0], byStart
	}
	return "", byNothing
}

// in lists the images below a folder.
func (f *imageFiles) in(folder string) []string {
	at := sort.SearchStrings(f.paths, folder+string(filepath.Separator))
	end := at
	for end < len(f.paths) && strings.HasPrefix(f.paths[end], folder+string(filepath.Separator)) {
		end++
	}
	return f.paths[at:end]
}

// lying is where the images of a table seem to be.
type lying struct {
	image, root string
	share       float64 // of the rows tried whose images are there
}

// images looks for the column, or columns, that name images: in the table's folder, then in
// the two above. tried are rows of the table.
func (g *guesser) images(dir string, columns []string, tried []row) (best lying) {
	for range 3 {
		if f := g.imagesBelow(dir); len(f.paths) > 0 {
			for _, column := range columns {
				if one := f.lyingBy(column, columns, tried); one.share > best.share {
					best = one
				}
			}
		}
		up := filepath.Dir(absolute(dir))
		if best.share > 0.5 || up == filepath.Dir(up) {
			return best
		}
		dir = up
	}
	return best
}

// lyingBy tries a column.
func (f *imageFiles) lyingBy(column string, columns []string, tried []row) (out lying) {
	var rows []row
	var found []string
	hows, distinct, full, endings := map[int]int{}, map[string]bool{}, 0, 0
	for _, r := range tried {
		cell := r.cell(column)
		if cell == "" {
			continue
		}
		if full++; filepath.Ext(cell) != "" && imageName(cell) {
			endings++
		}
		if path, how := f.find(cell); how != byNothing {
			rows, found = append(rows, r), append(found, path)
			hows[how]++
			distinct[path] = true
		}
	}
	how := byStart
	for _, one := range []int{byFolder, byName} {
		if hows[one] >= hows[how] {
			how = one
		}
	}
	few := (4*len(distinct) < len(found) || len(distinct) < min(3, full)) && 2*endings < full // numbers that are no names, such as labels
	if 2*len(found) < full || few || len(found) == 0 {
		return out
	}
	if how == byFolder {
		found = f.inside(found)
	}
	root, image := patternOf(found, rows, column, columns)
	p, good := newPlaces(root, image), 0
	for _, r := range tried {
		if name := p.name(image, r); name != "" && there(p.of(image, r)[0]) {
			good++
		}
	}
	return lying{image, root, float64(good) / float64(len(tried)) * []float64{0, 0.9, 0.95, 1}[how]}
}

// inside goes from folders to what is an image in them: a folder of slices, or files.
func (f *imageFiles) inside(folders []string) []string {
	out := slices.Clone(folders)
	for i, folder := range folders {
		images := f.in(folder)
		if len(images) == 0 {
			continue
		}
		images = ofOneSort(images, folder)
		image := images[i%len(images)] // of several sessions not always the first
		inner := imagesIn(filepath.Dir(image))
		if out[i] = image; len(inner) > 1 && (ofOneSeries(inner) || ofOneSize(inner)) {
			out[i] = filepath.Dir(image)
		}
	}
	series := 0
	for i, path := range out {
		if path != folders[i] && !imageName(path) || len(imagesIn(path)) > 0 {
			series++
		}
	}
	for i, path := range out { // a folder with one image is of the same sort as the others
		switch isFolder := len(imagesIn(path)) > 0; {
		case 2*series > len(out) && !isFolder:
			out[i] = filepath.Dir(path)
		case 2*series <= len(out) && isFolder:
			out[i] = imagesIn(path)[0]
		}
	}
	return out
}

var digits = regexp.MustCompile("[0-9]+")

// ofOneSort lists the images that are called as the first one, but for numbers.
func ofOneSort(images []string, folder string) []string {
	sort := func(path string) string { return digits.ReplaceAllString(path[len(folder):], "0") }
	return slices.DeleteFunc(slices.Clone(images), func(path string) bool { return sort(path) != sort(images[0]) })
}

// ofOneSize says whether the first images are of one size, as slices are.
func ofOneSize(images []string) bool {
	first := headOf(images[0])
	return !slices.ContainsFunc(images[1:min(len(images), 4)], func(path string) bool {
		h := headOf(path)
		return h.Rows != first.Rows || h.Columns != first.Columns
	})
}

// patternOf finds what the paths of rows have in common: the folder that they begin at, and
// the column that says the rest; or a pattern, in which other columns and stars may stand.
func patternOf(paths []string, rows []row, column string, columns []string) (root, image string) {
	if root, ok := plainRoot(paths, rows, column); ok {
		return root, column
	}
	var parts [][]string
	var of []row
	depth := strings.Count(paths[0], "/")
	for i, path := range paths {
		if strings.Count(path, "/") == depth {
			parts, of = append(parts, strings.Split(path, "/")), append(of, rows[i])
		}
	}
	whole := strings.Trim(filepath.ToSlash(filepath.Clean(pathIn(of[0].cell(column)))), "/")
	if whole = filepath.Dir(whole); whole != "." { // a cell of several parts
		return patternOfPaths(parts, of, column)
	}
	var out []string
	literal := true
	for k := range parts[0] {
		texts := make([]string, len(parts))
		for i := range parts {
			texts[i] = parts[i][k]
		}
		part := partOf(texts, of, append([]string{column}, columns...), k == len(parts[0])-1)
		if literal = literal && part == escaped(texts[0]); literal {
			root = strings.TrimSuffix(root, "/") + "/" + texts[0]
			continue
		}
		out = append(out, part)
	}
	root = filepath.Clean(root)
	if image = strings.Join(out, "/"); image == "{"+column+"}" {
		image = column
	}
	return root, image
}

// plainRoot is the folder at which the cells of a column begin, where there is one.
func plainRoot(paths []string, rows []row, column string) (string, bool) {
	root := ""
	for i, path := range paths {
		cell := strings.Trim(filepath.ToSlash(filepath.Clean(pathIn(rows[i].cell(column)))), "/")
		begins, ok := strings.CutSuffix(path, "/"+cell)
		if !ok {
			begins, ok = strings.CutSuffix(strings.TrimSuffix(path, filepath.Ext(path)), "/"+cell)
		}
		if !ok || root != "" && begins != root {
			return "", false
		}
		root = begins
	}
	return root, root != ""
}

// patternOfPaths is patternOf where the cells are paths that do not begin at one folder, or
// of folders whose images are further in.
func patternOfPaths(parts [][]string, rows []row, column string) (root, image string) {
	path := strings.Join(parts[0], "/")
	cell := strings.Trim(filepath.ToSlash(filepath.Clean(pathIn(rows[0].cell(column)))), "/")
	before, after, _ := strings.Cut(path, "/"+cell+"/")
	if after == "" {
		return filepath.Dir(path), column
	}
	inner := make([]string, 0, 2)
	for k, text := range strings.Split(after, "/") {
		if k == strings.Count(after, "/") {
			text = "*" + filepath.Ext(text)
		} else {
			text = "*"
		}
		inner = append(inner, text)
	}
	return before, "{" + column + "}/" + strings.Join(inner, "/")
}

// partOf generalises a part of paths: as it is where all are equal, with a column that says
// it, or with a star for what differs. The ending of a file's name may differ, and is left
// out then.
func partOf(texts []string, rows []row, columns []string, last bool) string {
	if !slices.ContainsFunc(texts, func(text string) bool { return text != texts[0] }) && !strings.Contains(texts[0], rows[0].cell(columns[0])) {
		return escaped(texts[0])
	}
	for _, column := range columns {
		cell := rows[0].cell(column)
		before, after, found := strings.Cut(texts[0], stemIn(cell, texts[0]))
		if cell == "" || !found {
			continue
		}
		fits := func(after string) bool {
			for i, text := range texts {
				if last && after == "" {
					text = stemOf(text)
				}
				if text != before+stemIn(rows[i].cell(column), text)+after {
					return false
				}
			}
			return true
		}
		switch {
		case fits(after):
			if strings.Contains(cell, ".") && stemIn(cell, texts[0]) == cell && before == "" && after == "" {
				return "{" + column + "}"
			}
			return escaped(before) + "{" + column + "}" + escaped(after)
		case last && before == "" && fits(""):
			return "{" + column + "}"
		}
	}
	return startingWith(texts, rows, columns[0])
}

// startingWith is a column and a star for what follows it; or but a star.
func startingWith(texts []string, rows []row, column string) string {
	rests := make([]string, len(texts))
	for i, text := range texts {
		rest, begins := strings.CutPrefix(text, rows[i].cell(column))
		if rests[i] = rest; !begins || rows[i].cell(column) == "" {
			return starred(texts)
		}
	}
	return "{" + column + "}" + starred(rests)
}

// stemIn is the cell, without its ending where only so it is part of a text.
func stemIn(cell, text string) string {
	if cell == "" || strings.Contains(text, cell) {
		return cell
	}
	return stemOf(cell)
}

// starred has a star stand for what differs between texts, in whole words and numbers.
func starred(texts []string) string {
	before, after := texts[0], texts[0]
	for _, text := range texts[1:] {
		for !strings.HasPrefix(text, before) {
			before = before[:len(before)-1]
		}
		for !strings.HasSuffix(text, after) {
			after = after[1:]
		}
	}
	for _, text := range texts {
		for before != "" && len(before) < len(text) && charKind(before[len(before)-1]) == charKind(text[len(before)]) && charKind(text[len(before)]) != 0 {
			before = before[:len(before)-1]
		}
		for after != "" && len(after) < len(text) && charKind(after[0]) == charKind(text[len(text)-len(after)-1]) && charKind(after[0]) != 0 {
			after = after[1:]
		}
	}
	for _, text := range texts {
		if len(before)+len(after) > len(text) {
			after = ""
		}
	}
	return escaped(before) + "*" + escaped(after)
}

// charKind is what a character is: 1 of a word, 2 of a number, 0 of neither.
func charKind(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return 2
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
		return 1
	}
	return 0
}

// personIn finds whose an image is in its path or name.
var personIn = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(?:patient|subject|person|pat|sub|case)[-_ ]?[0-9]+`),
	regexp.MustCompile(`(?i)^(.+)[-_ ](?:left|right|l|r|od|os)(?:\.[a-z]+)?$`),
	namesOfGroups,
}

// guessPatient finds a part of a column's cells that most of them have, and that comes again.
func guessPatient(t table, column string) (Extract, bool) {
	for i, expression := range personIn {
		times, matched := map[string]int{}, 0
		for _, r := range t.rows {
			if m := expression.FindStringSubmatch(r.cell(column)); m != nil {
				times[m[min(1, len(m)-1)]]++
				matched++
			}
		}
		again := 0
		for _, n := range times {
			if n > 1 {
				again += n
			}
		}
		enough := 10*matched >= 9*len(t.rows) && len(times) > 2 && again > 0
		if i == len(personIn)-1 {
			enough = enough && 2*again > len(t.rows) && len(times) > 9
		}
		if enough {
			return Extract{From: column, Match: expression.String()}, true
		}
	}
	return Extract{}, false
}

// patientName is what a column of patients is called that is added.
func patientName(t table) string {
	name := "patient"
	for n := 2; t.has(name); n++ {
		name = fmt.Sprintf("patient_%d", n)
	}
	return name
}
