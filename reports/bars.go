package reports

import (
	"math"

	"vertebra/stages/stage"
)

// barsView is a bar chart as an HTML table: a row for each category, a column of
// bars for each group, all of one scale.
type barsView struct {
	Title, YLabel string
	Groups        []string
	Rows          []barRow
	Span          string // see spanOf
}

type barRow struct {
	Title string
	Bars  []bar
}

type bar struct {
	Text  string
	Width float64 // percent of the longest
	Ink   int
	Below bool
}

func newBars(b stage.Bars) *barsView {
	v := &barsView{Title: b.Title, YLabel: b.YLabel, Span: spanOf(longest(b.Categories) + 2 + 10*len(b.Groups))}
	if v.Title == "" {
		v.Title = b.Name
	}
	var all [][]float64
	for _, g := range b.Groups {
		v.Groups = append(v.Groups, g.Label)
		all = append(all, g.Values)
	}
	largest, looks := largestOf(all), looksOf(v.Groups)
	for c, name := range b.Categories {
		row := barRow{Title: name}
		for g, group := range b.Groups {
			value := math.NaN()
			if c < len(group.Values) {
				value = group.Values[c]
			}
			row.Bars = append(row.Bars, newBar(value, largest, looks[g].Ink))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func newBar(value, largest float64, ink int) bar {
	b := bar{Text: count(value), Ink: ink, Below: value < 0}
	if largest > 0 && !math.IsNaN(value) {
		b.Width = math.Ceil(1000*math.Min(1, math.Abs(value)/largest)) / 10
	}
	return b
}
