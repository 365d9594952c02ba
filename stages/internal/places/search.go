package places

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/headers"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// Search looks for image files that tables may name; what it found in a folder it remembers.
type Search struct{ files map[string]*Files }

// NewSearch has found nothing yet.
func NewSearch() *Search { return &Search{map[string]*Files{}} }

// Files are the image files below a folder, by what a table may call them.
type Files struct {
	Root    string
	Paths   []string            // absolute, sorted
	Names   map[string][]string // without ending → paths
	starts  map[string][]string // what stands before a separator in a name → paths
	folders map[string][]string // name of a folder that holds images, maybe deeper → its paths
}

// Tried is how many rows of a table are enough to see where its images are.
const Tried = 40

// mostFiles is how many files are looked at below a folder.
const mostFiles = 300_000

// Below lists the images below a folder.
func (g *Search) Below(root string) *Files {
	root = files.Absolute(root)
	if f, known := g.files[root]; known {
		return f
	}
	f := &Files{Root: root, Names: map[string][]string{}, starts: map[string][]string{}, folders: map[string][]string{}}
	g.files[root] = f
	seen, last := 0, root
	inside := root + string(filepath.Separator)                                // the root may be a link
	_ = files.Walk(inside, func(path string, e fs.DirEntry, err error) error { // what cannot be read is not found
		seen++
		switch {
		case seen > mostFiles:
			return fs.SkipAll
		case err != nil, path == inside:
		case e.IsDir() && (files.Hidden(e) || e.Name() == "__MACOSX"):
			return fs.SkipDir
		case !e.IsDir() && !files.Hidden(e) && files.IsImage(path) && !table.IsName(path):
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

func (f *Files) add(path string) {
	stem := files.Stem(path)
	f.Paths = append(f.Paths, path)
	f.Names[stem] = append(f.Names[stem], path)
	for at, r := range stem {
		if strings.ContainsRune("_-. ", r) && at > 0 {
			f.starts[stem[:at]] = append(f.starts[stem[:at]], path)
		}
	}
}

func (f *Files) addFolders(root, folder string) {
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
func (f *Files) find(cell string) (path string, how int) {
	cell = strings.Trim(filepath.ToSlash(filepath.Clean(table.Path(cell))), "/")
	file, _ := stage.ParseFramePath(cell)
	if cell == "." {
		return "", byNothing
	}
	if path := filepath.Join(f.Root, cell); slices.Contains(f.folders[filepath.Base(cell)], path) {
		return path, byFolder
	}
	for _, path := range append(f.Names[files.Stem(file)], f.Names[filepath.Base(file)]...) {
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
func (f *Files) in(folder string) []string {
	at := sort.SearchStrings(f.Paths, folder+string(filepath.Separator))
	end := at
	for end < len(f.Paths) && strings.HasPrefix(f.Paths[end], folder+string(filepath.Separator)) {
		end++
	}
	return f.Paths[at:end]
}

// Lying is where the images of a table seem to be.
type Lying struct {
	Image    string  // column, or pattern; "" where they seem to be nowhere
	Root     string  // folder at which they begin
	share    float64 // of the rows tried whose images are there
	distinct int     // how many images these are
	written  bool    // cells are written as names of files, with endings
}

// surer says whether one column names the images better than another.
func (l Lying) surer(than Lying) bool {
	switch {
	case l.share != than.share:
		return l.share > than.share
	case l.distinct != than.distinct:
		return l.distinct > than.distinct
	}
	return l.written && !than.written
}

// Images looks for the column, or columns, that name images: in the table's folder, then in
// the two above. tried are rows of the table.
func (g *Search) Images(dir string, columns []string, tried []table.Row) Lying {
	return g.ImagesUpTo(2, dir, columns, tried)
}

// ImagesUpTo is Images, in as many folders above the table's.
func (g *Search) ImagesUpTo(above int, dir string, columns []string, tried []table.Row) (best Lying) {
	for range above + 1 {
		if f := g.Below(dir); len(f.Paths) > 0 {
			for _, column := range columns {
				if one := f.lyingBy(column, columns, tried); one.surer(best) {
					best = one
				}
			}
		}
		up := filepath.Dir(files.Absolute(dir))
		if best.share > 0.5 || up == filepath.Dir(up) {
			return best
		}
		dir = up
	}
	return best
}

// lyingBy tries a column.
func (f *Files) lyingBy(column string, columns []string, tried []table.Row) (out Lying) {
	var rows []table.Row
	var found []string
	hows, distinct, full, endings := map[int]int{}, map[string]bool{}, 0, 0
	for _, r := range tried {
		cell := r.Cell(column)
		if cell == "" {
			continue
		}
		if full++; filepath.Ext(cell) != "" && files.IsImage(cell) {
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
	p, good := NamedBy(root, image), 0.0
	for _, r := range tried {
		if name := p.Name(r); name != "" && files.There(p.Of(r)[0]) {
			good++
		}
	}
	if besideImage.MatchString(column) {
		good *= 0.9
	}
	share := good / float64(len(tried)) * []float64{0, 0.9, 0.95, 1}[how]
	return Lying{Image: image, Root: root, share: share, distinct: len(distinct), written: 2*endings >= full}
}

// inside goes from folders to what is an image in them: a folder of slices, or files.
func (f *Files) inside(folders []string) []string {
	out := slices.Clone(folders)
	for i, folder := range folders {
		images := f.in(folder)
		if len(images) == 0 {
			continue
		}
		images = ofOneSort(images, folder)
		image := images[i%len(images)] // of several sessions not always the first
		inner := files.Images(filepath.Dir(image))
		if out[i] = image; len(inner) > 1 && (headers.OneSeries(inner) || ofOneSize(inner)) {
			out[i] = filepath.Dir(image)
		}
	}
	series := 0
	for i, path := range out {
		if path != folders[i] && !files.IsImage(path) || len(files.Images(path)) > 0 {
			series++
		}
	}
	for i, path := range out { // a folder with one image is of the same sort as the others
		switch isFolder := len(files.Images(path)) > 0; {
		case 2*series > len(out) && !isFolder:
			out[i] = filepath.Dir(path)
		case 2*series <= len(out) && isFolder:
			out[i] = files.Images(path)[0]
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
	first := headers.Read(images[0])
	return !slices.ContainsFunc(images[1:min(len(images), 4)], func(path string) bool {
		h := headers.Read(path)
		return h.Rows != first.Rows || h.Columns != first.Columns
	})
}
