package reports

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"vertebra/stages/stage"
)

// plotView is a plot as the page draws it.
type plotView struct {
	ID            string
	Title, Unit   string
	Better        string
	Describe      string // for those who do not see it
	Width, Height float64
	SVG           template.HTML // "" when no number is finite
	Legend        []keyView
	Rings         string // what the rings mean, if there are any
	Note          string
	Numbers       *numbersView
	Axes          string // JSON of an axesView
	Trials        string // JSON of a trialsView
	Span          string // see spanOf
}

// LeastWidth is how far a wide plot may shrink, in pixels, until its texts are too small to be read;
// in narrower windows it scrolls.
func (p *plotView) LeastWidth() int { return int(0.92 * p.Width) }

// newPlot draws the chart. It has no legend when its only line says no more
// than the title.
func newPlot(title string, c chart) (*plotView, error) {
	svg, axes, err := c.svg()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", title, err)
	}
	p := &plotView{Title: title, SVG: svg, Width: plotWidth, Height: c.height().Points(), Note: c.gaps()}
	if axes == nil {
		return p, nil
	}
	p.Numbers = c.numbers()
	axes.Own = p.Numbers.Form == "long"
	for _, l := range c.Lines {
		axes.Lines = append(axes.Lines, lineView{l.Label, l.Ink, newKey("", "", l.look).Dash, l.Thin})
	}
	text, err := json.Marshal(axes)
	p.Axes = string(text)
	return p, err
}

// gaps says how many points could not be drawn.
func (c chart) gaps() string {
	n := 0
	for _, l := range c.Lines {
		for i := range min(len(l.X), len(l.Y)) {
			if !finite(l.X[i]) || !finite(l.Y[i]) {
				n++
			}
		}
	}
	if n == 0 {
		return ""
	}
	return plural(n, "point is not a finite number", "points are not finite numbers") + " and not drawn"
}

// curvePlot draws a curve.
func curvePlot(v stage.Curve) (*plotView, error) {
	c := chart{XLabel: v.XLabel, YLabel: v.YLabel}
	var labels []string
	for _, l := range v.Lines {
		labels = append(labels, l.Label)
	}
	for i, l := range looksOf(labels) {
		c.Lines = append(c.Lines, chartLine{labels[i], v.Lines[i].X, v.Lines[i].Y, l})
	}
	c.Unit = c.inUnitSquare()
	title := v.Title
	if title == "" {
		title = v.Name
	}
	p, err := newPlot(title, c)
	if err != nil {
		return nil, err
	}
	for _, l := range c.Lines {
		if l.Label != "" {
			p.Legend = append(p.Legend, newKey(l.Label, "", l.look))
		}
	}
	p.Describe = fmt.Sprintf("%s: %s against %s, %s: %s", title, v.YLabel, v.XLabel,
		plural(len(labels), "line", "lines"), strings.Join(labels, ", "))
	return p, nil
}

// inUnitSquare finds curves of shares, such as ROC and calibration: both axes
// lie in [0, 1] and x goes over most of it.
func (c chart) inUnitSquare() bool {
	xLow, xHigh, ok := c.limits(func(l chartLine) []float64 { return l.X })
	yLow, yHigh, _ := c.limits(func(l chartLine) []float64 { return l.Y })
	return ok && xLow >= 0 && xHigh <= 1 && yLow >= 0 && yHigh <= 1 && xHigh-xLow > 0.5
}
