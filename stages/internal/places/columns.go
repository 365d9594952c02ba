package places

import (
	"path/filepath"
	"regexp"
	"slices"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
)

// besideImage finds columns of pictures that are made of another one of their row, and no view.
var besideImage = regexp.MustCompile(`(?i)mask|segment|annot|overlay|crop|thumb|heat.?map|contour|ground.?truth|(^|[^a-z])(roi|gt|seg|bbox)s?([^a-z]|$)`)

// Columns lists the columns that name images of a row, in a folder or in one of the two above
// it: each names files of its own, another in most rows.
func (g *Search) Columns(dir string, columns []string, tried []table.Row) (out []string) {
	for range 3 {
		f := g.Below(dir)
		out = f.imageColumns(columns, tried)
		if slices.ContainsFunc(columns, func(column string) bool { return f.mostFound(column, tried) }) {
			break
		}
		dir = filepath.Dir(files.Absolute(dir))
	}
	return out
}

// imageColumns are the columns that name images; one of them where two name the same, since
// there is a row for each image then, which says the others besides. A column that names those
// of another in another format counts nothing.
func (f *Files) imageColumns(columns []string, tried []table.Row) (out []string) {
	seen, formats, shared := map[string]bool{}, map[string]string{}, false
	for _, column := range columns {
		paths := f.namedIn(column, tried)
		if paths == nil || besideImage.MatchString(column) || inAnotherFormat(paths, formats) {
			continue
		}
		shared = shared || slices.ContainsFunc(paths, func(path string) bool { return seen[path] })
		for _, path := range paths {
			seen[path], formats[files.Stem(path)] = true, filepath.Ext(path)
		}
		out = append(out, column)
	}
	if shared {
		return out[:1]
	}
	return out
}

// inAnotherFormat says whether most images are there in another format, of which the endings are given
// by the names.
func inAnotherFormat(paths []string, formats map[string]string) bool {
	n := 0
	for _, path := range paths {
		if ending := formats[files.Stem(path)]; ending != "" && ending != filepath.Ext(path) {
			n++
		}
	}
	return 2*n > len(paths)
}

// namedIn finds the files that most cells of a column name; nil where they do not, or where
// the same come again and again.
func (f *Files) namedIn(column string, tried []table.Row) (paths []string) {
	full, distinct := 0, map[string]bool{}
	for _, r := range tried {
		if r.Cell(column) == "" {
			continue
		}
		full++
		if path, how := f.find(r.Cell(column)); how == byName {
			paths = append(paths, path)
			distinct[path] = true
		}
	}
	if 2*len(paths) <= full || 2*len(distinct) <= len(paths) || len(distinct) < 2 {
		return nil
	}
	return paths
}

// mostFound says whether most cells of a column name an image, or a folder of some.
func (f *Files) mostFound(column string, tried []table.Row) bool {
	full, found := 0, map[string]bool{}
	for _, r := range tried {
		if path, how := f.find(r.Cell(column)); how != byNothing {
			found[path] = true
		}
		if r.Cell(column) != "" {
			full++
		}
	}
	return 2*len(found) > full
}
