package reports

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// pen draws what no chart of lines can: points, boxes, parallel axes. All texts
// are escaped, so the result is safe in the page.
type pen struct {
	b  strings.Builder
	of string // attributes of the marks that follow: what they are of
}

// ofTrial marks what is drawn of a trial, so that the script finds all of it.
func ofTrial(number int) string { return fmt.Sprintf(` data-trial="%d"`, number) }

func (p *pen) html() template.HTML { return template.HTML(p.b.String()) }

// group draws something as a group of these attributes.
func (p *pen) group(attributes string, draw func()) {
	p.b.WriteString("<g " + attributes + ">")
	draw()
	p.b.WriteString("</g>")
}

func (p *pen) line(x1, y1, x2, y2 float64, style string) {
	fmt.Fprintf(&p.b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" style="%s"%s/>`, x1, y1, x2, y2, style, p.of)
}

func (p *pen) path(points [][2]float64, style, title string) {
	var d strings.Builder
	for i, at := range points {
		word := "L"
		if i == 0 {
			word = "M"
		}
		fmt.Fprintf(&d, "%s%.1f %.1f", word, at[0], at[1])
	}
	fmt.Fprintf(&p.b, `<path d="%s" style="fill:none;%s"%s>%s</path>`, d.String(), style, p.of, hoverTitle(title))
}

func (p *pen) circle(x, y, r float64, style, title string) {
	fmt.Fprintf(&p.b, `<circle cx="%.1f" cy="%.1f" r="%.1f" style="%s"%s>%s</circle>`, x, y, r, style, p.of, hoverTitle(title))
}

func (p *pen) rect(x, y, w, h float64, style, title string) {
	fmt.Fprintf(&p.b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" style="%s"%s>%s</rect>`, x, y, math.Max(w, 0), math.Max(h, 0), style, p.of, hoverTitle(title))
}

func (p *pen) text(x, y float64, anchor, text string) {
	fmt.Fprintf(&p.b, `<text x="%.1f" y="%.1f" style="fill:var(--ink-100);font-size:11px;text-anchor:%s">%s</text>`, x, y, anchor, html.EscapeString(text))
}

func hoverTitle(text string) string {
	if text == "" {
		return ""
	}
	return "<title>" + html.EscapeString(text) + "</title>"
}

// axis maps numbers to places.
type axis struct {
	low, high float64
	log       bool
	from, to  float64 // in the drawing
}

// newAxis covers the finite numbers; it is logarithmic where they span decades.
func newAxis(values []float64, from, to float64) axis {
	a := axis{low: math.Inf(1), high: math.Inf(-1), from: from, to: to}
	for _, v := range values {
		if finite(v) {
			a.low, a.high = math.Min(a.low, v), math.Max(a.high, v)
		}
	}
	if a.low > a.high {
		a.low, a.high = 0, 1
	}
	if a.low == a.high {
		a.low, a.high = a.low-math.Abs(a.low)/10-1e-9, a.high+math.Abs(a.high)/10+1e-9
	}
	a.log = a.low > 0 && a.high/a.low > logSpan
	if !a.log {
		room := (a.high - a.low) * 0.04
		a.low, a.high = a.low-room, a.high+room
	}
	return a
}

func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		low, high, v = math.Log(low), math.Log(high), math.Log(v)
	}
	return a.from + math.Min(math.Max((v-low)/(high-low), 0), 1)*(a.to-a.from)
}

// ticks are labelled places of the axis.
func (a axis) ticks() []SweepTick {
	var out []SweepTick
	ticks := linearTicks(false, tickCount)(a.low, a.high)
	if a.log {
		ticks = logTicks(a.low, a.high)
	}
	for _, t := range ticks {
		if t.Label != "" && t.Value >= a.low && t.Value <= a.high {
			out = append(out, SweepTick{a.at(t.Value), t.Label})
		}
	}
	return out
}

// The looks of what is drawn.
const (
	gridStyle = "stroke:var(--ink-102);stroke-width:.8"
	axisStyle = "stroke:var(--ink-101);stroke-width:.8"
	bestStyle = "stroke:var(--ink-1);stroke-width:1.8"
	doneStyle = "fill:var(--ink-0)"
	openStyle = "fill:var(--ink-104);stroke:var(--ink-0);stroke-width:1.2"
	badStyle  = "fill:var(--bad)"
	starStyle = "fill:var(--ink-1)"
)

// frameOf draws the axes of a plot of values.
func (p *pen) frameOf(x0, x1 float64, y axis) {
	for _, t := range y.ticks() {
		p.line(x0, t.Share, x1, t.Share, gridStyle)
		p.text(x0-5, t.Share+4, "end", t.Text)
	}
	p.line(x0, y.from, x0, y.to, axisStyle)
	p.line(x0, y.from, x1, y.from, axisStyle)
}
