package reports

import (
	"cmp"
	"fmt"
	"slices"

	"vertebra/stages/stage"
)

// How many rows the numbers of a plot have at most. What is left out of a plot is
// in the database.
const (
	wideRows = 400
	longRows = 150 // of each line
)

// numbersView is the table behind a plot: to be read aloud, copied, and told by the
// script. Form is wide where all lines share their x, with a column for each line,
// and long where they do not: line, x, y.
type numbersView struct {
	Form    string
	Columns []string
	Rows    [][]string
	Note    string
}

// numbers lists what the plot shows.
func (c chart) numbers() *numbersView {
	if c.ownX() {
		return c.longNumbers()
	}
	return c.wideNumbers()
}

// ownX says whether the lines have little of x in common, as ROC curves do.
func (c chart) ownX() bool {
	points, places := 0, map[float64]bool{}
	for _, l := range c.Lines {
		points += len(l.X)
		for _, x := range l.X {
			places[x] = true
		}
	}
	return len(c.Lines) > 1 && (len(places)*3 > points*2 || c.Unit)
}

// wideNumbers has a row for each x.
func (c chart) wideNumbers() *numbersView {
	at := map[float64]int{}
	var order []float64
	for _, l := range c.Lines {
		for _, x := range l.X {
			if _, ok := at[x]; !ok {
				at[x] = 0
				order = append(order, x)
			}
		}
	}
	slices.Sort(order)
	kept := evenly(len(order), wideRows)
	v := &numbersView{Form: "wide", Columns: []string{c.XLabel}, Note: leftOut(len(kept), len(order))}
	for i, x := range order {
		at[x] = -1
		if k, found := slices.BinarySearch(kept, i); found {
			at[x] = k
			v.Rows = append(v.Rows, append([]string{short(x)}, make([]string, len(c.Lines))...))
		}
	}
	for k, l := range c.Lines {
		v.Columns = append(v.Columns, l.Label)
		for i, text := range column(l.Y) {
			if i < len(l.X) && at[l.X[i]] >= 0 {
				v.Rows[at[l.X[i]]][k+1] = text
			}
		}
	}
	return v
}

// longNumbers has a row for each point of each line.
func (c chart) longNumbers() *numbersView {
	v := &numbersView{Form: "long", Columns: []string{"line", c.XLabel, cmp.Or(c.YLabel, "value")}}
	kept, all := 0, 0
	for _, l := range c.Lines {
		n := min(len(l.X), len(l.Y))
		all += n
		for _, i := range evenly(n, longRows) {
			kept++
			v.Rows = append(v.Rows, []string{l.Label, short(l.X[i]), short(l.Y[i])})
		}
	}
	v.Note = leftOut(kept, all)
	return v
}

// evenly picks at most so many of n places, the first and the last among them.
func evenly(n, most int) []int {
	kept := make([]int, min(n, most))
	for i := range kept {
		kept[i] = i
		if n > most {
			kept[i] = i * (n - 1) / (most - 1)
		}
	}
	return kept
}

func leftOut(kept, all int) string {
	if kept == all {
		return ""
	}
	return fmt.Sprintf("%s of %s points; all of them are in the database", grouped(kept), grouped(all))
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
	return t.fit()
}
