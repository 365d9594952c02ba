package audit

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Extract is a column that is a part of another one.
type Extract struct {
	From  string `help:"column that holds it" required:"true"`
	Match string `help:"regular expression; what its first group matches, or all of it where it has none, is the cell, which is empty where nothing matches" required:"true"`
}

// Validate wants an expression.
func (e Extract) Validate() error {
	if _, err := regexp.Compile(e.Match); err != nil {
		return fmt.Errorf("match: %w", err)
	}
	return nil
}

// SplitTag is the tag of cases whose source says which split they are of.
const SplitTag = "split"

func init() {
	addRule(Rule{ID: "unused_split", Title: "split of the source that is not used", Severity: warning, Do: keep, Unit: "columns",
		Reason: "the source says what is for training and what is not, and data.split deals the cases anew: write split: {column: split}"})
	addRule(Rule{ID: "row_without_partner", Title: "row without a partner in a joined table", Severity: warning, Do: keep,
		Reason: "the columns that join adds are empty there"})
	addRule(Rule{ID: "row_not_wanted", Title: "row left out by only", Severity: info, Do: drop, Unusable: true,
		Reason: "data.source.table.only names other values of its columns"})
}

// whole reads the table with all that is added to it: the rows of held_out, the columns
// of extract and join, what replace and cut read cells as, and the class of one_hot.
func (t Table) whole(data []byte, told *reports) (table.Sheet, error) {
	rows, err := table.ParseAs(data, t.names())
	if err != nil {
		return rows, stage.Wrong{Path: "data.source.table.file", Err: fmt.Errorf("%s: %w", t.File, err)}
	}
	if err := t.below(&rows); err != nil {
		return rows, err
	}
	open := maps.Clone(t.Extract)
	t.extract(&rows, open)
	for i, j := range t.Join {
		alone, err := j.to(&rows, fmt.Sprintf("data.source.table.join.%d", i))
		if err != nil {
			return rows, err
		}
		for _, r := range alone {
			told.again("row_without_partner", fmt.Sprintf("line %d", r.Line), fmt.Sprintf("%s has no line for %s", filepath.Base(string(j.File)), table.KeyText(r, j.On)))
		}
		t.extract(&rows, open)
	}
	if err := t.Melt(&rows); err != nil {
		return rows, err
	}
	t.extract(&rows, open)
	if err := t.shown(&rows); err != nil {
		return rows, err
	}
	if names := slices.Sorted(maps.Keys(open)); len(names) > 0 {
		return rows, t.notExtracted(rows, names[0], open[names[0]].From)
	}
	if err := t.replace(rows); err != nil {
		return rows, err
	}
	if err := t.cut(rows); err != nil || !t.OneHot {
		return rows, err
	}
	return rows, t.oneHot(&rows)
}

// notExtracted says why a new column was not made.
func (t Table) notExtracted(rows table.Sheet, name, from string) error {
	at := "data.source.table.extract." + name
	if rows.Has(name) {
		return stage.Wrong{Path: at, Err: stage.Fault{Err: fmt.Errorf("there is a column %s already", name), Hint: "choose another name"}}
	}
	return rows.Wants(at+".from", from, filepath.Base(string(t.File))).Err()
}

// replace reads cells as others. A word that no cell is would be a mistake that nobody sees.
func (t Table) replace(rows table.Sheet) error {
	var out registry.Problems
	for _, column := range slices.Sorted(maps.Keys(t.Replace)) {
		at := "data.source.table.replace." + column
		if missing := rows.Wants(at, column, "the table"); missing != nil {
			out = append(out, missing...)
			continue
		}
		words, seen := t.Replace[column], map[string]bool{}
		for _, r := range rows.Rows {
			cell := r.Cell(column)
			seen[cell] = true
			if word, ok := words[cell]; ok {
				r.Set(column, word)
			}
		}
		for _, word := range slices.Sorted(maps.Keys(words)) {
			if !seen[word] {
				out = append(out, registry.Problem{Path: at + "." + word, Text: fmt.Sprintf("no cell is %q", word), Hint: registry.Suggest(word, slices.Sorted(maps.Keys(seen)))})
			}
		}
	}
	return out.Err()
}

// names are those of columns of files without a header; nil where the first line names them.
func (t Table) names() []string {
	if len(t.Columns) == 0 {
		return nil
	}
	return t.Columns
}

// below adds the rows of the tables of other splits, and to each row its split.
func (t Table) below(rows *table.Sheet) error {
	if len(t.HeldOut) == 0 {
		return nil
	}
	splits := slices.Repeat([]string{string(stage.Train)}, len(rows.Rows))
	for _, name := range slices.Sorted(maps.Keys(t.HeldOut)) {
		at := "data.source.table.held_out." + name
		more, err := readTableAt(t.HeldOut[name], t.names(), at)
		if err != nil {
			return err
		}
		var missing registry.Problems
		for _, column := range t.needed(*rows) {
			missing = append(missing, more.Wants(at, column, filepath.Base(string(t.HeldOut[name])))...)
		}
		if missing != nil {
			return missing.Err()
		}
		rows.Append(more)
		splits = append(splits, slices.Repeat([]string{string(naming.Splits[name])}, len(more.Rows))...)
	}
	if !rows.Has(SplitTag) {
		next := 0
		rows.Add(SplitTag, func(table.Row) string { next++; return splits[next-1] })
	}
	return nil
}

// needed lists the columns of the first file that the others must have too: those of images
// and labels.
func (t Table) needed(rows table.Sheet) (out []string) {
	for _, name := range append(slices.Clone(t.Labels), places.Columns(t.Image)...) {
		if rows.Has(name) {
			out = append(out, name)
		}
		for _, view := range t.views() {
			if from := t.Images[view][name]; rows.Has(from) && !slices.Contains(out, from) {
				out = append(out, from)
			}
		}
	}
	return out
}

// extracts is a further column.
func (t *Table) extracts(name string, one Extract) {
	if t.Extract == nil {
		t.Extract = map[string]Extract{}
	}
	t.Extract[name] = one
}

// extract adds the columns whose source is there, and takes them off the list.
func (t Table) extract(rows *table.Sheet, open map[string]Extract) {
	for added := true; added; {
		added = false
		for _, name := range slices.Sorted(maps.Keys(open)) {
			one := open[name]
			expression, err := regexp.Compile(one.Match)
			if err != nil || !rows.Has(one.From) || rows.Has(name) {
				continue
			}
			rows.Extract(name, one.From, expression)
			delete(open, name)
			added = true
		}
	}
}

// classColumn is what one_hot calls the class of a row.
const classColumn = "class of one_hot"

// oneHot adds the column of the class: the name of the label column that says yes.
func (t Table) oneHot(rows *table.Sheet) error {
	var missing registry.Problems
	for i, column := range t.Labels {
		missing = append(missing, rows.Wants(fmt.Sprintf("data.source.table.labels.%d", i), column, filepath.Base(string(t.File)))...)
	}
	if missing != nil {
		return missing.Err()
	}
	rows.Add(classColumn, func(r table.Row) string {
		var said []string
		for _, column := range t.Labels {
			if naming.SaysYes(r.Cell(column)) {
				said = append(said, column)
			}
		}
		return strings.Join(said, " and ")
	})
	return nil
}

// shaping finds what is wrong with the settings of this file.
func (t Table) shaping() error {
	for name := range t.HeldOut {
		if split, known := naming.Splits[name]; !known || split == stage.Train {
			return fmt.Errorf("held_out: %q is no split that is held out; want validation or test", name)
		}
	}
	switch {
	case t.OneHot && (t.Separator != "" || len(t.Labels) < 2):
		return errors.New("one_hot wants two or more labels, the columns of the classes, and no separator")
	case t.OneHot && len(t.Classes) > 0:
		return errors.New("one_hot: the classes are the columns of labels, in their order; remove classes")
	case t.OneHot && t.Blank != "", t.Separator != "" && t.Blank != "":
		return errors.New("blank is for cells that hold one label")
	case slices.Contains(t.Missing, t.Blank) && t.Blank != "":
		return fmt.Errorf("blank: %s is one of missing, too", t.Blank)
	}
	return onceEach("columns", t.Columns)
}
