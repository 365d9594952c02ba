package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/stage"
)

// headlineRows is how many final numbers are shown before "more", which is not worth
// a click for headlineSlack of them; from headlineSplit on they stand in two tables
// side by side.
const (
	headlineRows  = 12
	headlineSlack = 3
	headlineSplit = 6
)

// seriesOrder puts what a verdict rests on first; of each, what is calibrated comes
// next and baselines last.
var seriesOrder = []string{string(stage.Validation), string(stage.Test), string(stage.Train)}

// headline makes the table of final numbers: a row for each title, a column for
// each series. What does not fit goes into more.
func headline(finals []stage.Scalar) (tables []*tableView, more *tableView) {
	if finals = apart(finals); len(finals) == 0 {
		return nil, nil
	}
	series := seriesOf(finals)
	rows, columns := finalRows(finals, series), finalColumns(series)
	if len(rows) > headlineRows+headlineSlack {
		more = &tableView{Title: "More final numbers", Columns: columns, Rows: rows[headlineRows:]}
		rows = rows[:headlineRows]
	}
	each := len(rows)
	if each >= headlineSplit && len(series) <= 2 {
		each = (each + 1) / 2
	}
	for part := range slices.Chunk(rows, each) {
		tables = append(tables, &tableView{Title: "Final numbers", Columns: columns, Rows: part})
	}
	return tables, more
}

// headlineNote says what stands in the table of final numbers: what the number is that
// training watched, what the small numbers are, and what a baseline is.
func headlineNote(s results.RunSummary, watched string) string {
	var parts []string
	for _, f := range s.WatchedFirst() {
		if len(parts) == 0 && s.Watching.Name != "" && f.Name == s.Watching.Name {
			parts = append(parts, titleOf(f)+" "+watched)
		}
	}
	how, level, interval := stage.IntervalMethods(s.Finals)
	if interval {
		parts = append(parts, fmt.Sprintf("small: %.3g %% intervals (%s)", 100*level, how))
	}
	for _, split := range seriesOrder[:2] {
		if of := func(f stage.Scalar) bool { return f.Series == split }; interval && slices.ContainsFunc(s.Finals, of) &&
			!slices.ContainsFunc(s.Finals, func(f stage.Scalar) bool { return of(f) && f.Interval != nil }) {
			why := "which has too few groups for them"
			if foldsHave(split, s.Finals) {
				why = "whose numbers are means over the folds"
			}
			parts = append(parts, fmt.Sprintf("none of %s, %s", split, why))
		}
	}
	if slices.ContainsFunc(s.Finals, func(f stage.Scalar) bool { return strings.HasSuffix(f.Series, " baseline") }) {
		parts = append(parts, "baseline: the best guess that sees no image, from the shares of the classes in training")
	}
	return strings.Join(parts, "; ")
}

// foldsHave says whether numbers of single folds of a split have intervals.
func foldsHave(split string, finals []stage.Scalar) bool {
	return slices.ContainsFunc(finals, func(f stage.Scalar) bool {
		of, _, is := stage.ParseFoldName(f.Series)
		return is && of == split && f.Interval != nil
	})
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
		split, of, _ := strings.Cut(name, " ")
		i := slices.Index(seriesOrder, split)
		switch {
		case i >= 0 && of == "":
			return i
		case i >= 0 && of == "calibrated": // what is used belongs beside what was measured
			return len(seriesOrder) + i
		case i >= 0 && of == "baseline":
			return 3*len(seriesOrder) + i
		}
		return 2 * len(seriesOrder)
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
	intervals := make([]*stage.Interval, len(series))
	for i := range values {
		values[i] = math.NaN()
	}
	for _, s := range scalars {
		i := slices.Index(series, s.Series)
		values[i], said[i] = s.Value, true
		intervals[i] = s.Interval
	}
	head := scalars[0]
	row := []cellView{{Text: titleOf(head), Unit: head.Unit, Better: string(head.Better), Head: true}}
	for i, text := range column(values) {
		if !said[i] {
			text = ""
		}
		cell := cellView{Text: text, Number: true}
		if on := intervals[i]; on != nil {
			cell.Range = rangeOf(on.Low, on.High, text)
		}
		row = append(row, cell)
	}
	return row
}

const watchedInTraining = "is what training watched"

// roleOf is what the number is that the run watched.
func roleOf(rec *results.RunRecord) string {
	if rec.Fact(results.EnsembleFact)+rec.Fact(results.ValidationFact) != "" {
		return "is what decides"
	}
	return watchedInTraining
}

func titleOf(s stage.Scalar) string {
	if s.Title != "" {
		return s.Title
	}
	return s.Name
}
