package methods

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/stage"
)

// stored gives a table of the run by its name.
func (t *text) stored(name string) (stage.Table, bool) {
	tables := results.Shape[stage.Table](t.run)
	at := slices.IndexFunc(tables, func(one stage.Table) bool { return one.Name == name })
	if at < 0 {
		return stage.Table{}, false
	}
	return tables[at], len(tables[at].Rows) > 0
}

// table writes rows below a title.
func (t *text) table(title string, columns []string, rows [][]any) {
	t.say("%s\n", title)
	t.say("| %s |", strings.Join(escaped(columns), " | "))
	t.say("|%s", strings.Repeat(" --- |", len(columns)))
	for _, row := range rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, worded(cell))
		}
		t.say("| %s |", strings.Join(escaped(cells), " | "))
	}
	t.say("")
}

// columns keeps some columns of a table, by their names.
func columns(of stage.Table, names ...string) (out [][]any) {
	for _, row := range of.Rows {
		var kept []any
		for _, name := range names {
			var cell any = ""
			if at := slices.Index(of.Columns, name); at >= 0 && at < len(row) {
				cell = row[at]
			}
			kept = append(kept, cell)
		}
		out = append(out, kept)
	}
	return out
}

func escaped(cells []string) (out []string) {
	for _, cell := range cells {
		out = append(out, strings.ReplaceAll(strings.Join(strings.Fields(cell), " "), "|", `\|`))
	}
	return out
}

// worded writes a cell: counts whole, other numbers to four digits.
func worded(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case stage.Estimate:
		return estimate(v.Value, v.Low, v.High)
	case float64:
		if v == math.Trunc(v) {
			return fmt.Sprintf("%.0f", v)
		}
		return number(v)
	}
	return fmt.Sprint(cell)
}

func number(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.4g", v)
}

// estimate writes a number and its interval where it has one.
func estimate(v, low, high float64) string {
	if math.IsNaN(low) || math.IsNaN(high) {
		return number(v)
	}
	return fmt.Sprintf("%s (%s to %s)", number(v), number(low), number(high))
}

// and lists names as a sentence does.
func and(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func percent(share float64) string { return fmt.Sprintf("%.4g %%", 100*share) }
