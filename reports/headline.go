package reports

import (
	"math"
	"slices"

	"vertebra/stages/stage"
)

// headlineRows is how many final numbers are shown before "more"; from
// headlineSplit on they stand in two tables side by side.
const (
	headlineRows  = 12
	headlineSplit = 6
)

// seriesOrder puts what a verdict rests on first.
var seriesOrder = []string{string(stage.Validation), string(stage.Test), string(stage.Train)}

// headline makes the table of final numbers: a row for each title, a column for
// each series. What does not fit goes into more.
func headline(finals []stage.Scalar) (tables []*tableView, more *tableView) {
	if finals = apart(finals); len(finals) == 0 {
		return nil, nil
	}
	series := seriesOf(finals)
	rows, columns := finalRows(finals, series), finalColumns(series)
	if len(rows) > headlineRows {
		more = &tableView{Title: "More final numbers", Columns: columns, Rows: rows[headlineRows:]}
		rows = rows[:headlineRows]
	}
	each := len(rows)
	if each >= headlineSplit && len(series) <= 3 {
		each = (each + 1) / 2
	}
	for part := range slices.Chunk(rows, each) {
		tables = append(tables, &tableView{Title: "Final numbers", Columns: columns, Rows: part})
	}
	return tables, more
}

// seriesOf lists the series of scalars: the splits, then others as they came.
func seriesOf(scalars []stage.Scalar) []string {
	var found []string
	for _, s := range scalars {
		if !slices.Contains(found, s.Series) {
			found = append(found, s.Series)
		}
	}
	rank := func(name string) int {
		if i := slices.Index(seriesOrder, name); i >= 0 {
			return i
		}
		return len(seriesOrder)
	}
	slices.SortStableFunc(found, func(a, b string) int { return rank(a) - rank(b) })
	return found
}

func finalColumns(series []string) []columnView {
	columns := []columnView{{Title: "metric"}}
	for _, s := range series {
		if s == "" {
			s = "value"
		}
		columns = append(columns, columnView{Title: s, Number: true})
	}
	return columns
}

func finalRows(finals []stage.Scalar, series []string) [][]cellView {
	var names []string
	byName := map[string][]stage.Scalar{}
	for _, s := range finals {
		if byName[s.Name] == nil {
			names = append(names, s.Name)
		}
		byName[s.Name] = append(byName[s.Name], s)
	}
	var rows [][]cellView
	for _, name := range names {
		rows = append(rows, finalRow(byName[name], series))
	}
	return rows
}

func finalRow(scalars []stage.Scalar, series []string) []cellView {
	values := make([]float64, len(series))
	said := make([]bool, len(series))
	ranges := make([]string, len(series))
	for i := range values {
		values[i] = math.NaN()
	}
	for _, s := range scalars {
		i := slices.Index(series, s.Series)
		values[i], said[i] = s.Value, true
		if s.Interval != nil {
			ranges[i] = rangeOf(s.Interval.Low, s.Interval.High, s.Value)
		}
	}
	head := scalars[0]
	row := []cellView{{Text: titleOf(head), Unit: head.Unit, Better: string(head.Better), Head: true}}
	for i, text := range column(values) {
		if !said[i] {
			text = ""
		}
		row = append(row, cellView{Text: text, Range: ranges[i], Number: true})
	}
	return row
}

func titleOf(s stage.Scalar) string {
	if s.Title != "" {
		return s.Title
	}
	return s.Name
}
