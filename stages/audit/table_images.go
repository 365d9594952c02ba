package audit

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/stage"
)

func init() {
	addRule(Rule{ID: "other_ending", Title: "image of another ending", Severity: info, Do: keep, Unit: "columns",
		Reason: "the table names files that are not there, and each is the only one of its name with another ending"})
}

// places finds the image files that the rows of a table name: in a column, or by a pattern
// of path with columns in braces, in which stars stand for anything.
type places struct {
	root    string
	pattern string                         // "" where a column has the paths
	fixed   []string                       // the folders that the pattern's part before the first column stands for
	rest    string                         // of the pattern, from its first column on
	last    int                            // of fixed, in which a file was found; most lie where the one before lay
	stems   map[string]map[string][]string // names of a folder's images without ending → paths
	others  int                            // files that have another ending than the table says
	other   string                         // the first of them
}

var columnInBraces = regexp.MustCompile(`\{([^{}]+)\}`)

// isPattern says whether data.source.table.image is one, and no column.
func isPattern(image string) bool { return columnInBraces.MatchString(image) }

// columnsIn are the columns that say where an image is.
func columnsIn(image string) (out []string) {
	if !isPattern(image) {
		return []string{image}
	}
	for _, m := range columnInBraces.FindAllStringSubmatch(image, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// newPlaces looks for the folders of a pattern.
func newPlaces(root, image string) *places {
	p := &places{root: root, stems: map[string]map[string][]string{}}
	if !isPattern(image) {
		return p
	}
	p.pattern = filepath.FromSlash(image)
	if !filepath.IsAbs(p.pattern) {
		p.pattern = filepath.Join(escaped(root), p.pattern)
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

const special = `*?[\`

// escaped has a name stand for itself in a pattern.
func escaped(name string) string {
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

// name is what a row's image is called in its table; "" where a cell is empty.
func (p *places) name(image string, r row) string {
	if p.pattern == "" {
		return r.cell(image)
	}
	columns := columnsIn(image)
	for _, column := range columns {
		if r.cell(column) == "" {
			return ""
		}
	}
	if len(columns) == 1 {
		return r.cell(columns[0])
	}
	parts := slices.DeleteFunc(strings.Split(image, "/"), func(part string) bool { return strings.Contains(part, "*") && !isPattern(part) })
	return columnInBraces.ReplaceAllStringFunc(strings.Join(parts, "/"), func(m string) string { return r.cell(m[1 : len(m)-1]) })
}

// of lists the images of a row: one, or of a pattern all that match. Where there is none,
// it is the path that is not there.
func (p *places) of(image string, r row) []string {
	if p.pattern == "" {
		return []string{p.file(beginningAt(p.root, r.cell(image)))}
	}
	rest := columnInBraces.ReplaceAllStringFunc(p.rest, func(m string) string {
		return escaped(strings.Trim(pathIn(r.cell(m[1:len(m)-1])), string(filepath.Separator)))
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
			found, _ = filepath.Glob(filepath.Join(escaped(p.fixed[at]), rest))
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
func (p *places) file(path string) string {
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
