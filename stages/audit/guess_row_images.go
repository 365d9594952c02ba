package audit

import (
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/registry"
)

// besideImage finds columns of pictures that are made of another one of their row, and no view.
var besideImage = regexp.MustCompile(`(?i)mask|segment|annot|overlay|crop|thumb|heat.?map|contour|ground.?truth|(^|[^a-z])(roi|gt|seg|bbox)s?([^a-z]|$)`)

// pairs looks for several columns of images, in the table's folder and then in the two above:
// each names files of its own, another in most rows. It gives the names of the views, in the
// order of the columns.
func (g *guesser) pairs(dir string, rows table, tried []row) (views []string, of map[string]string) {
	var columns []string
	for range 3 {
		f := g.imagesBelow(dir)
		columns = f.imageColumns(rows.columns, tried)
		if slices.ContainsFunc(rows.columns, func(column string) bool { return f.mostFound(column, tried) }) {
			break
		}
		dir = filepath.Dir(files.Absolute(dir))
	}
	if len(columns) < 2 {
		return nil, nil
	}
	views, of = viewNames(columns), map[string]string{}
	for i, view := range views {
		of[view] = columns[i]
	}
	return views, of
}

// imageColumns are the columns that name images; one of them where two name the same, since
// there is a row for each image then, which says the others besides. A column that names those
// of another in another format counts nothing.
func (f *imageFiles) imageColumns(columns []string, tried []row) (out []string) {
	seen, formats, shared := map[string]bool{}, map[string]string{}, false
	for _, column := range columns {
		paths := f.namedIn(column, tried)
		if paths == nil || besideImage.MatchString(column) || again(paths, formats) {
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

// again says whether most images are there in another format, of which the endings are given
// by the names.
func again(paths []string, formats map[string]string) bool {
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
func (f *imageFiles) namedIn(column string, tried []row) (paths []string) {
	full, distinct := 0, map[string]bool{}
	for _, r := range tried {
		if r.cell(column) == "" {
			continue
		}
		full++
		if path, how := f.find(r.cell(column)); how == byName {
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
func (f *imageFiles) mostFound(column string, tried []row) bool {
	full, found := 0, map[string]bool{}
	for _, r := range tried {
		if path, how := f.find(r.cell(column)); how != byNothing {
			found[path] = true
		}
		if r.cell(column) != "" {
			full++
		}
	}
	return 2*len(found) > full
}

var wordsIn = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+|[0-9]+`)

// viewNames are what columns are called without the words that all begin or end with, such as
// left and right; whole names where nothing would be left of one, or but numbers.
func viewNames(columns []string) (out []string) {
	words, shortest := make([][]string, len(columns)), math.MaxInt
	for i, column := range columns {
		words[i] = wordsIn.FindAllString(column, -1)
		shortest = min(shortest, len(words[i]))
	}
	alike := func(word func(of []string) string) bool {
		return !slices.ContainsFunc(words, func(of []string) bool { return word(of) != word(words[0]) })
	}
	before, after := 0, 0
	for before < shortest && alike(func(of []string) string { return of[before] }) {
		before++
	}
	for before+after < shortest && alike(func(of []string) string { return of[len(of)-1-after] }) {
		after++
	}
	if before+after == shortest {
		return slices.Clone(columns)
	}
	for _, column := range columns {
		at := wordsIn.FindAllStringIndex(column, -1)
		out = append(out, strings.ToLower(column[at[before][0]:at[len(at)-1-after][1]]))
	}
	if slices.ContainsFunc(out, func(name string) bool { return strings.Trim(name, "0123456789") == "" }) || onceEach("", out) != nil {
		return slices.Clone(columns)
	}
	return out
}

// ownColumns finds columns that there is one of for each view, and which are called so but for
// its name: left_grade and right_grade. It gives what they are called together.
func ownColumns(columns, views []string) (names []string, of map[string]Pictured) {
	found := map[string]Pictured{} // by the name, of each view
	for _, column := range columns {
		for _, view := range views {
			name, has := withoutWord(column, view)
			if !has {
				continue
			}
			if found[name] == nil {
				found[name] = Pictured{}
				names = append(names, name)
			}
			found[name][view] = column
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return len(found[name]) < len(views) })
	of = map[string]Pictured{}
	for _, view := range views {
		of[view] = Pictured{}
		for _, name := range names {
			of[view][name] = found[name][view]
		}
	}
	return names, of
}

// withoutWord is a column's name without that of a view, where it holds it as words.
func withoutWord(column, view string) (string, bool) {
	words, of := wordsIn.FindAllString(strings.ToLower(column), -1), wordsIn.FindAllString(strings.ToLower(view), -1)
	for at := 0; at+len(of) < len(words) || at > 0 && at+len(of) == len(words); at++ {
		if slices.Equal(words[at:at+len(of)], of) {
			return strings.Join(slices.Delete(words, at, at+len(of)), "_"), true
		}
	}
	return "", false
}

// severalImages guesses how a table might be read whose rows have several images, and makes
// a row of each. It gives the names of the images in the order of their columns; nil where
// rows have one.
func (g *guesser) severalImages(t *Table, rows *table, others map[string]registry.Path) (views []string, lies lying) {
	dir := filepath.Dir(string(t.File))
	views, of := g.pairs(dir, *rows, spread(rows.rows, triedRows))
	if views == nil {
		return nil, lies
	}
	with, whole := *t, *rows
	whole.rows = slices.Clone(rows.rows)
	with.more(&whole, others)
	sources := slices.Collect(maps.Values(of))
	with.ID = idColumn(whole, sources)
	names, own := ownColumns(columnsOfFew(whole, sources), views)
	with.Images = map[string]Pictured{}
	for _, view := range views {
		with.Images[view] = Pictured{"image": of[view]}
		for _, name := range names {
			if !whole.has(name) && name != "image" && name != ViewTag {
				with.Images[view][name] = own[view][name]
				sources = append(sources, own[view][name])
			}
		}
	}
	if with.apart(&whole) != nil {
		return nil, lies
	}
	tried := append(spread(whole.rows, 2*triedRows), with.apartIn(others)...)
	if lies = g.images(dir, []string{"image", ViewTag}, tried); lies.image == "" {
		return nil, lies
	}
	hidden := append(sources, ViewTag)
	whole.columns = slices.DeleteFunc(whole.columns, func(name string) bool { return slices.Contains(hidden, name) })
	*t, *rows = with, whole
	return views, lies
}

// apartIn gives rows of other tables as images of theirs.
func (t Table) apartIn(others map[string]registry.Path) (out []row) {
	for _, split := range slices.Sorted(maps.Keys(others)) {
		rows, err := readTableAt(others[split], t.names(), "")
		if err == nil && t.apart(&rows) == nil {
			out = append(out, spread(rows.rows, triedRows)...)
		}
	}
	return out
}

// idColumn is the first column that seems to name a row, or whom it is of, and tells all apart;
// not one of those.
func idColumn(rows table, not []string) string {
	for _, column := range rows.columns {
		named := slices.ContainsFunc(groupNames, func(name *regexp.Regexp) bool { return name.MatchString(column) })
		empty := slices.ContainsFunc(rows.rows, func(r row) bool { return r.cell(column) == "" })
		if (named || keyName.MatchString(column)) && !slices.Contains(not, column) && !empty && !rows.again(column) {
			return column
		}
	}
	return ""
}

// seenTogether says of a guess with labels whether the images of a row are views of one sample:
// none has a label of its own. Then they have no columns of their own either.
func (t *Table) seenTogether() bool {
	own := t.ofImages()
	if len(own) == 0 || slices.ContainsFunc(t.Labels, func(name string) bool { return slices.Contains(own, name) }) {
		return false
	}
	for view, one := range t.Images {
		t.Images[view] = Pictured{"image": one["image"]}
	}
	return true
}
