package reports

import (
	"fmt"
	"slices"

	"vertebra/stages/stage"
)

// numberRows is up to how many epochs a plot has its numbers below it.
const numberRows = 150

// numberTable lists the numbers of a plot: a row for each epoch. Plots over
// steps have too many.
func numberTable(c chart) *tableView {
	rows := map[float64]int{}
	var order []float64
	for _, l := range c.Lines {
		for _, x := range l.X {
			if _, ok := rows[x]; !ok {
				rows[x] = 0
				order = append(order, x)
			}
		}
	}
	if c.XLabel != "epoch" || len(order) > numberRows {
		return nil
	}
	slices.Sort(order)
	t := &tableView{Columns: []columnView{{Title: c.XLabel, Number: true}}}
	for i, x := range order {
		rows[x] = i
		t.Rows = append(t.Rows, []cellView{{Text: short(x), Number: true, Head: true}})
	}
	for _, l := range c.Lines {
		t.Columns = append(t.Columns, columnView{Title: l.Label, Number: true})
		for i := range t.Rows {
			t.Rows[i] = append(t.Rows[i], cellView{Number: true})
		}
		for i, text := range column(l.Y) {
			t.Rows[rows[l.X[i]]][len(t.Columns)-1].Text = text
		}
	}
	return t
}

// singleTable lists numbers that were measured once in training.
func singleTable(scalars []stage.Scalar) *tableView {
	if len(scalars) == 0 {
		return nil
	}
	t := &tableView{Title: "Measured once", Columns: []columnView{{}, {Title: "of"}, {Title: "epoch", Number: true}, {Title: "value", Number: true}}}
	for _, s := range scalars {
		t.Rows = append(t.Rows, []cellView{{Text: titleOf(s), Unit: s.Unit, Better: string(s.Better), Head: true},
			{Text: s.Series}, {Text: fmt.Sprint(s.Epoch), Number: true}, {Text: short(s.Value), Number: true}})
	}
	return t
}
