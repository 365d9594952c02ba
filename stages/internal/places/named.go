// Package places knows where the images lie that rows of a table name: by a column, by a pattern of
// paths, or, where nobody says which, by looking for them.
package places

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// Named finds the image files that the rows of a table name: in a column, or by a pattern
// of path with columns in braces, in which stars stand for anything.
type Named struct {
	root    string
	image   string                         // column, or pattern
	pattern string                         // "" where a column has the paths
	fixed   []string                       // the folders that the pattern's part before the first column stands for
	rest    string                         // of the pattern, from its first column on
	last    int                            // of fixed, in which a file was found; most lie where the one before lay
	stems   map[string]map[string][]string // names of a folder's images without ending → paths
	others  int                            // files that have another ending than the table says
	other   string                         // the first of them
}

var columnInBraces = regexp.MustCompile(`\{([^{}]+)\}`)

// IsPattern says whether a text is a pattern, and no column.
func IsPattern(image string) bool { return columnInBraces.MatchString(image) }

// Columns are the columns that say where an image is.
func Columns(image string) (out []string) {
	if !IsPattern(image) {
		return []string{image}
	}
	for _, m := range columnInBraces.FindAllStringSubmatch(image, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// NamedBy begins to look for images that a column or a pattern names, below a folder unless
// they are absolute; it looks for the folders of a pattern.
func NamedBy(root, image string) *Named {
	p := &Named{root: root, image: image, stems: map[string]map[string][]string{}}
	if !IsPattern(image) {
		return p
	}
	p.pattern = filepath.FromSlash(image)
	if !filepath.IsAbs(p.pattern) {
		p.pattern = filepath.Join(Escaped(root), p.pattern)
	}
	before := p.pattern[:strings.IndexByte(p.pattern, '{')]
	folder := filepath.Dir(before + "x")
	p.rest = strings.TrimPrefix(p.pattern[len(folder):], string(filepath.Separator))
	p.fixed, _ = filepath.Glob(folder) // a bad pattern matches nothing
	if len(p.fixed) == 0 {
		p.fixed = []string{unescaped(folder)}
	}
	return p
}

// OnlyColumn is the column that says where an image is, if it is one alone; "" otherwise.
func OnlyColumn(image string) string {
	if of := Columns(image); len(of) == 1 {
		return of[0]
	}
	return ""
}

// Filled is a text with the cells of a row in place of columns in braces.
func Filled(text string, r table.Row) string {
	return columnInBraces.ReplaceAllStringFunc(text, func(m string) string { return r.Cell(m[1 : len(m)-1]) })
}

const special = `*?[\`

// Escaped has a name stand for itself in a pattern.
func Escaped(name string) string {
	var b strings.Builder
	for _, r := range name {
		if strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func unescaped(name string) string {
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(name, "$1")
}

// Name is what a row's image is called in its table; "" where a cell is empty.
func (p *Named) Name(r table.Row) string {
	image := p.image
	if p.pattern == "" {
		return r.Cell(image)
	}
	columns := Columns(image)
	for _, column := range columns {
		if r.Cell(column) == "" {
			return ""
		}
	}
	if len(columns) == 1 {
		return r.Cell(columns[0])
	}
	parts := slices.DeleteFunc(strings.Split(image, "/"), func(part string) bool { return strings.Contains(part, "*") && !IsPattern(part) })
	return Filled(strings.Join(parts, "/"), r)
}

// Of lists the images of a row: one, or of a pattern all that match. Where there is none,
// it is the path that is not there.
func (p *Named) Of(r table.Row) []string {
	if p.pattern == "" {
		return []string{p.file(beginningAt(p.root, r.Cell(p.image)))}
	}
	rest := columnInBraces.ReplaceAllStringFunc(p.rest, func(m string) string {
		return Escaped(strings.Trim(table.Path(r.Cell(m[1:len(m)-1])), string(filepath.Separator)))
	})
	stars := strings.ContainsAny(columnInBraces.ReplaceAllString(p.rest, ""), special)
	for i := range p.fixed {
		at := (p.last + i) % len(p.fixed)
		var found []string
		if path := filepath.Join(p.fixed[at], unescaped(rest)); !stars {
			if path = p.file(path); files.There(path) {
				found = []string{path}
			}
		} else {
			found, _ = filepath.Glob(filepath.Join(Escaped(p.fixed[at]), rest))
			slices.SortFunc(found, stage.CompareNames)
		}
		if found != nil {
			p.last = at
			return found
		}
	}
	return []string{filepath.Join(p.fixed[0], unescaped(rest))}
}

// file is the path itself where it is there; else that of the only image of its folder that
// has the name but for the ending.
func (p *Named) file(path string) string {
	if files.There(path) {
		return path
	}
	folder, name := filepath.Split(path)
	stems, known := p.stems[folder]
	if !known {
		stems = map[string][]string{}
		for _, image := range files.Images(folder) {
			stems[files.Stem(image)] = append(stems[files.Stem(image)], image)
		}
		p.stems[folder] = stems
	}
	found := stems[name]
	if stem := files.Stem(name); len(found) != 1 && stem != name {
		if found = stems[stem]; len(found) == 1 {
			if p.others++; p.other == "" {
				p.other = name + " is " + filepath.Base(found[0])
			}
		}
	}
	if len(found) != 1 {
		return path
	}
	return found[0]
}

// beginningAt is a path of a table, which begins at a folder unless it is absolute.
func beginningAt(root, path string) string {
	if path = table.Path(path); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, path)
}

// OtherEndings are how many images have another ending than their rows say, and the first of them
// in words.
func (p *Named) OtherEndings() (n int, first string) { return p.others, p.other }
