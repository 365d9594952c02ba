package reports

import (
	"fmt"
	"math"
	"slices"
)

// parallelPlot is what the drawing of parallel coordinates needs: an axis for each setting that is
// varied, and the last one of the objective.
type parallelPlot struct {
	Sweep
	pen
	value       axis
	ranked      []SweepTrial // the best first
	width       float64
	top, bottom float64
}

// The room of the drawing: between two axes, left of the first, right of the last, and its height.
const (
	parallelStep, parallelLeft, parallelRight = 96.0, 50.0, 80.0
	parallelHeight                            = 320.0
	wideWidth                                 = 860.0 // of plots over the whole page, at least
)

// parallel draws each trial as a line over all settings that are varied, coloured by the
// objective (Inselberg's parallel coordinates). The script lets readers choose ranges on its axes.
func (s Sweep) parallel() (*plotView, error) {
	width := math.Max(wideWidth, parallelLeft+parallelRight+parallelStep*float64(len(s.Settings)))
	p := &parallelPlot{Sweep: s, ranked: s.ranked(), width: width, top: 38, bottom: parallelHeight - 26}
	p.value = newAxis(s.values(), p.bottom, p.top)
	p.group(`class="lines"`, p.lines)
	p.group(`class="axes"`, p.axes)
	trials, err := p.trials()
	return &plotView{ID: "parallel", Title: "Parallel coordinates", SVG: p.html(), Width: p.width, Height: parallelHeight, Span: "wide", Trials: trials,
		Note:     fmt.Sprintf("a line for each trial, in the colour of its place among all by %s, as on that axis; the best in orange; it skips settings that do not count in the trial", s.Record.Objective),
		Describe: fmt.Sprintf("%d trials as lines over %d settings and %s", len(p.ranked), len(s.Settings), s.Record.Objective)}, err
}

// x is the place of an axis; the last is the objective's.
func (p *parallelPlot) x(i int) float64 {
	return parallelLeft + float64(i)*(p.width-parallelLeft-parallelRight)/float64(len(p.Settings))
}

func (p *parallelPlot) y(share float64) float64 { return p.bottom - share*(p.bottom-p.top) }

// lines draws the trials, the best on top.
func (p *parallelPlot) lines() {
	values := p.bestFirst()
	for _, t := range slices.Backward(p.ranked) {
		var points [][2]float64
		for j, setting := range p.Settings {
			if share, counts := t.Shares[setting.Path]; counts {
				points = append(points, [2]float64{p.x(j), p.y(share)})
			}
		}
		points = append(points, [2]float64{p.x(len(p.Settings)), p.value.at(t.Value)})
		part := colourPart(values, t.Value, p.better)
		class, style := fmt.Sprintf("trial q%d", part), fmt.Sprintf("opacity:%.2f", 0.85-0.07*float64(part))
		if t.Number == p.Best {
			class, style = "trial best", ""
		}
		p.of = fmt.Sprintf(` class="%s"%s`, class, ofTrial(t.Number))
		p.path(points, style, fmt.Sprintf("trial %d: %s, %s%s", t.Number, valueText(t.Value), t.state(), t.Words))
	}
	p.of = ""
}

// axes draws the axes and their words, which lie above the lines.
func (p *parallelPlot) axes() {
	for i, setting := range p.Settings {
		p.line(p.x(i), p.top, p.x(i), p.bottom, axisStyle)
		p.title(i, lastWords(setting.Path))
		for _, t := range setting.Ticks {
			p.text(p.x(i)+4, p.y(t.Share)+4, "start", shortened(t.Text, 16))
		}
		if setting.Log {
			p.text(p.x(i), p.bottom+20, "middle", "logarithmic")
		}
	}
	last := len(p.Settings)
	p.colours()
	p.title(last, p.Record.Objective)
	for _, t := range p.value.ticks() {
		p.text(p.x(last)+8, t.Share+4, "start", t.Text)
	}
}

// title names an axis. Names stand at two heights by turns, to have room.
func (p *parallelPlot) title(i int, name string) {
	p.text(p.x(i), p.top-10-14*float64(i%2), "middle", shortened(name, int(2*(p.width-parallelLeft-parallelRight)/float64(len(p.Settings))/6)))
}

// colours draws the axis of the objective in the colours of the lines, as their legend.
func (p *parallelPlot) colours() {
	values := p.bestFirst()
	x := p.x(len(p.Settings))
	p.line(x, p.top, x, p.bottom, axisStyle)
	from := 0
	for i := range values {
		part := colourPart(values, values[i], p.better)
		if next := i + 1; next == len(values) || colourPart(values, values[next], p.better) != part {
			p.of = fmt.Sprintf(` class="q%d"`, part)
			p.line(x, p.value.at(values[from]), x, p.value.at(values[min(next, len(values)-1)]), "stroke-width:5")
			from = next
		}
	}
	p.of = ""
}

// bestFirst are the values of the trials that are drawn, the best first, whether they were
// trained to the end or not.
func (p *parallelPlot) bestFirst() (values []float64) {
	for _, t := range p.ranked {
		values = append(values, t.Value)
	}
	slices.SortFunc(values, func(a, b float64) int {
		switch {
		case p.better(a, b):
			return -1
		case p.better(b, a):
			return 1
		}
		return 0
	})
	return values
}

// colourParts is the number of colours --q0 … of style.css.
const colourParts = 8

// colourPart is the eighth in which a value lies among all, the best first: 0 to 7. Equal values
// lie in one.
func colourPart(bestFirst []float64, value float64, better func(a, b float64) bool) int {
	before := 0
	for _, v := range bestFirst {
		if better(v, value) {
			before++
		}
	}
	return before * colourParts / max(1, len(bestFirst))
}
