package draft

import (
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
)

// labelled finds the labels, and what the images are like.
func (g *Guess) labelled(t *tableDraft, rows table.Sheet) error {
	defer func() { g.Source.Part = t.Table }()
	series, size := t.series(rows)
	not := slices.Concat([]string{t.Group, t.X, t.Y, g.Split, series}, places.Columns(t.Image), g.Targets)
	few := slices.DeleteFunc(columnsOfFew(rows, not), countsOfFile.MatchString)
	told := slices.DeleteFunc(slices.Clone(few), func(name string) bool { return ofFile(name) || measures(rows, name) || dates(rows, name) })
	if err := t.label(rows, notOfOrigin(told)); err != nil {
		return err
	}
	t.photographed(rows)
	t.repeats(rows)
	if g.Classes = t.Labels; !t.OneHot {
		g.Classes = nothingFirst(t.ClassesIn(rows))
	}
	if g.look(t.first(rows)); series != "" {
		t.Series = series
		if t.X == "" { // else each labelled point is a sample
			g.Slices, g.Sample = size, "series"
		}
	}
	for _, name := range few {
		if !slices.Contains(t.Labels, name) && !dates(rows, name) && (t.Repeated == "" || !readerName.MatchString(name)) {
			g.Others = append(g.Others, name)
		}
	}
	g.Others = slices.DeleteFunc(g.Others, func(name string) bool { return len(t.Only[name]) == 1 })
	return nil
}

// label finds the columns of labels, and how they are to be read.
func (t *tableDraft) label(rows table.Sheet, few []string) error {
	listed, at := t.guessListing(rows, few), calledAsLabels(few)
	said := notOfOrigin(sayYes(rows, t.Missing, append([]string{t.Group}, places.Columns(t.Image)...)))
	findings := slices.DeleteFunc(slices.Clone(said), nothing.MatchString)
	named := at >= 0 && (len(said) < 3 || labelName.MatchString(few[at]) || !slices.Contains(said, few[at]))
	switch {
	case listed:
	case !named && t.oneOf(rows, said):
	case !named && t.unsure(rows, findings):
	case len(few) == 0:
		return noLabels(t.File, rows)
	case !named && at >= 0: // one of several that say yes or no, such as No finding
		t.Labels = t.guessLabels(rows, slices.DeleteFunc(slices.Clone(few), func(name string) bool { return name == few[at] }))
	default:
		t.Labels = t.guessLabels(rows, few)
	}
	return nil
}

// guessLabels takes the column of a usual name, or several that say the same yes or no of
// different things, or the last.
func (t tableDraft) guessLabels(rows table.Sheet, few []string) []string {
	if at := calledAsLabels(few); at >= 0 {
		return few[at : at+1]
	}
	var said []string
	for _, name := range few {
		t.Labels = []string{name}
		if slices.Contains(yesOrNo, strings.ToLower(strings.Join(t.ClassesIn(rows), " "))) {
			said = append(said, name)
		}
	}
	if t.Labels = said; len(said) > 1 && len(t.ClassesIn(rows)) == 2 {
		return said
	}
	return few[len(few)-1:]
}

// calledAsLabels finds the column whose name says that it holds labels, alone or among
// other words; -1 where none does, or several do among other words.
func calledAsLabels(columns []string) int {
	for _, names := range []*regexp.Regexp{labelFirst, labelName} {
		if at := slices.IndexFunc(columns, names.MatchString); at >= 0 {
			return at
		}
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

// yesOrNo are the classes of columns that say whether something is there.
var yesOrNo = []string{"0 1", "0.0 1.0", "no yes", "n y", "false true", "negative positive", "absent present"}

// columnsOfFew lists the columns with few values, each of which comes again.
func columnsOfFew(t table.Sheet, not []string) (out []string) {
	missing := missingWords()
	for _, name := range t.Columns {
		values, rows := map[string]bool{}, 0
		for i, row := range t.Rows {
			if i > 0 && row.Of > 0 && row.Of == t.Rows[i-1].Of && row.Cell(name) == t.Rows[i-1].Cell(name) {
				continue // another image of the same row
			}
			if cell := row.Cell(name); cell != "" && !slices.Contains(missing, cell) {
				values[cell], rows = true, rows+1
			}
		}
		if n := len(values); n >= 2 && n <= naming.MostClasses && rows >= 2*n && !slices.Contains(not, name) {
			out = append(out, name)
		}
	}
	return out
}
