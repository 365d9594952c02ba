package draft

import (
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
)

// pairs looks for several columns of images. It gives the names of the views, in the order of the
// columns.
func pairs(g guesser, dir string, rows table.Sheet, tried []table.Row) (views []string, of map[string]string) {
	columns := g.Columns(dir, rows.Columns, tried)
	if len(columns) < 2 {
		return nil, nil
	}
	views, of = viewNames(columns), map[string]string{}
	for i, view := range views {
		of[view] = columns[i]
	}
	return views, of
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
	if slices.ContainsFunc(out, func(name string) bool { return strings.Trim(name, "0123456789") == "" }) || len(slices.Compact(slices.Sorted(slices.Values(out)))) < len(out) {
		return slices.Clone(columns)
	}
	return out
}

// ownColumns finds columns that there is one of for each view, and which are called so but for
// its name: left_grade and right_grade. It gives what they are called together.
func ownColumns(columns, views []string) (names []string, of map[string]audit.Pictured) {
	found := map[string]audit.Pictured{} // by the name, of each view
	for _, column := range columns {
		for _, view := range views {
			name, has := withoutWord(column, view)
			if !has {
				continue
			}
			if found[name] == nil {
				found[name] = audit.Pictured{}
				names = append(names, name)
			}
			found[name][view] = column
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return len(found[name]) < len(views) })
	of = map[string]audit.Pictured{}
	for _, view := range views {
		of[view] = audit.Pictured{}
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
func (g guesser) severalImages(t *tableDraft, rows *table.Sheet, others map[string]registry.Path) (views []string, lies places.Lying) {
	dir := filepath.Dir(string(t.File))
	views, of := pairs(g, dir, *rows, table.Spread(rows.Rows, places.Tried))
	if views == nil {
		return nil, lies
	}
	with, whole := *t, *rows
	whole.Rows = slices.Clone(rows.Rows)
	with.more(&whole, others)
	sources := slices.Collect(maps.Values(of))
	with.ID = idColumn(whole, sources)
	names, own := ownColumns(columnsOfFew(whole, sources), views)
	with.Images = map[string]audit.Pictured{}
	for _, view := range views {
		with.Images[view] = audit.Pictured{"image": of[view]}
		for _, name := range names {
			if !whole.Has(name) && name != "image" && name != audit.ViewTag {
				with.Images[view][name] = own[view][name]
				sources = append(sources, own[view][name])
			}
		}
	}
	if with.Melt(&whole) != nil {
		return nil, lies
	}
	tried := append(table.Spread(whole.Rows, 2*places.Tried), with.apartIn(others)...)
	if lies = g.Images(dir, []string{"image", audit.ViewTag}, tried); lies.Image == "" {
		return nil, lies
	}
	hidden := append(sources, audit.ViewTag)
	whole.Columns = slices.DeleteFunc(whole.Columns, func(name string) bool { return slices.Contains(hidden, name) })
	*t, *rows = with, whole
	return views, lies
}

// apartIn gives rows of other tables as images of theirs.
func (t tableDraft) apartIn(others map[string]registry.Path) (out []table.Row) {
	for _, split := range slices.Sorted(maps.Keys(others)) {
		rows, err := readFile(string(others[split]), t.Columns)
		if err == nil && t.Melt(&rows) == nil {
			out = append(out, table.Spread(rows.Rows, places.Tried)...)
		}
	}
	return out
}

// idColumn is the first column that seems to name a row, or whom it is of, and tells all apart;
// not one of those.
func idColumn(rows table.Sheet, not []string) string {
	for _, column := range rows.Columns {
		empty := slices.ContainsFunc(rows.Rows, func(r table.Row) bool { return r.Cell(column) == "" })
		if (naming.IsGroup(column) || keyName.MatchString(column)) && !slices.Contains(not, column) && !empty && !rows.Repeats(column) {
			return column
		}
	}
	return ""
}

// seenTogether says of a guess with labels whether the images of a row are views of one sample:
// none has a label of its own. Then they have no columns of their own either.
func (t *tableDraft) seenTogether() bool {
	own := t.ImageColumns()
	if len(own) == 0 || slices.ContainsFunc(t.Labels, func(name string) bool { return slices.Contains(own, name) }) {
		return false
	}
	for view, one := range t.Images {
		t.Images[view] = audit.Pictured{"image": one["image"]}
	}
	return true
}
