package reports

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Colours of plots are places in the palette of style.css: svg.go turns the
// third byte into a variable, which dark and light pages fill differently.
const (
	firstByte  = 0xfe
	secondByte = 0xed
)

func ink(i int) color.Color { return color.RGBA{firstByte, secondByte, byte(i), 255} }

var (
	inkSoft = ink(100) // text
	inkAxis = ink(101)
	inkGrid = ink(102)
	inkEdge = ink(103) // borders of phases
	inkPage = ink(104) // what is behind the plot
)

// sans has the widths of Arial and Helvetica, which the page uses for plots.
func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

var plotterGrid = plotter.Grid{Horizontal: draw.LineStyle{Color: inkGrid, Width: 0.8}}

// linesPlotter draws lines with gaps where a number is not finite, and rings at
// the marks.
type linesPlotter struct {
	lines []chartLine
	marks []float64
}

// thinWidth is that of a line that another one sums up.
const thinWidth = 0.6

// Plot draws from the last line to the first, so that the first is on top.
func (lp linesPlotter) Plot(c draw.Canvas, p *plot.Plot) {
	for i := len(lp.lines) - 1; i >= 0; i-- {
		l := lp.lines[i]
		style := draw.LineStyle{Color: ink(l.Ink), Width: 1.8, Dashes: l.Dashes}
		if l.Thin {
			style.Width = thinWidth
		}
		for _, part := range segments(c, p, l) {
			if len(part) == 1 {
				dot(c, part[0], 2.4, style.Color)
				continue
			}
			part = thin(part)
			if turns(part) > manyTurns {
				style.Width, style.Dashes = 0.7, nil // dashes would be lost
			}
			c.StrokeLines(style, part)
		}
	}
	for _, l := range lp.lines {
		lp.ring(c, p, l)
	}
}

func (lp linesPlotter) ring(c draw.Canvas, p *plot.Plot, l chartLine) {
	toX, toY := p.Transforms(&c)
	for i := range min(len(l.X), len(l.Y)) {
		for _, at := range lp.marks {
			if l.X[i] == at && finite(l.Y[i]) {
				place := vg.Point{X: toX(l.X[i]), Y: toY(l.Y[i])}
				dot(c, place, 4.4, ink(l.Ink))
				dot(c, place, 2.6, inkPage)
			}
		}
	}
}

func dot(c draw.Canvas, at vg.Point, radius vg.Length, fill color.Color) {
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: fill, Radius: radius, Shape: draw.CircleGlyph{}}, at)
}

// segments turns a line into runs of finite points on the canvas.
func segments(c draw.Canvas, p *plot.Plot, l chartLine) [][]vg.Point {
	toX, toY := p.Transforms(&c)
	var parts [][]vg.Point
	open := false
	for i := range min(len(l.X), len(l.Y)) {
		if !finite(l.X[i]) || !finite(l.Y[i]) {
			open = false
			continue
		}
		if !open {
			parts, open = append(parts, nil), true
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], vg.Point{X: toX(l.X[i]), Y: toY(l.Y[i])})
	}
	return parts
}

// Long lines are made shorter before they are drawn.
const (
	manyPoints = 1500
	nearPoints = 0.3 // in user units: less than an eye sees
)

// thin leaves out points that nobody can see: first all but the lowest, highest,
// first and last of each half unit of x, then those next to the point before.
func thin(points []vg.Point) []vg.Point {
	if len(points) > manyPoints {
		points = extremes(points)
	}
	kept := points[:1:1]
	for _, pt := range points[1 : len(points)-1] {
		last := kept[len(kept)-1]
		if math.Hypot(float64(pt.X-last.X), float64(pt.Y-last.Y)) >= nearPoints {
			kept = append(kept, pt)
		}
	}
	return append(kept, points[len(points)-1])
}

// extremes keeps the first, lowest, highest and last point of each half unit,
// in their order. A line that does not go to the right is left as it is.
func extremes(points []vg.Point) []vg.Point {
	var kept []vg.Point
	for from := 0; from < len(points); {
		to, low, high := from, from, from
		for ; to < len(points) && points[to].X < points[from].X+0.5; to++ {
			if to > from && points[to].X < points[to-1].X {
				return points
			}
			if points[to].Y < points[low].Y {
				low = to
			}
			if points[to].Y > points[high].Y {
				high = to
			}
		}
		kept = append(kept, points[from])
		for _, i := range []int{min(low, high), max(low, high), to - 1} {
			if kept[len(kept)-1] != points[i] {
				kept = append(kept, points[i])
			}
		}
		from = to
	}
	return kept
}

// manyTurns is how often a line may go up and down and still be drawn in full
// strength.
const manyTurns = 300

func turns(points []vg.Point) int {
	n := 0
	for i := 2; i < len(points); i++ {
		if (points[i].Y-points[i-1].Y)*(points[i-1].Y-points[i-2].Y) < 0 {
			n++
		}
	}
	return n
}

// spansPlotter draws the borders between phases, and their names above the plot.
type spansPlotter []chartSpan

// Plot shortens a name to its room, and leaves it out where there is none.
func (spans spansPlotter) Plot(c draw.Canvas, p *plot.Plot) {
	toX, _ := p.Transforms(&c)
	style := text.Style{Color: inkSoft, Font: sans(12), XAlign: draw.XCenter, YAlign: draw.YBottom, Handler: p.TextHandler}
	border := draw.LineStyle{Color: inkEdge, Width: 1, Dashes: []vg.Length{3, 3}}
	for i, s := range spans {
		from, to := max(c.Min.X, toX(s.From)), min(c.Max.X, toX(s.To))
		if i > 0 && from > c.Min.X {
			c.StrokeLine2(border, from, c.Min.Y, from, c.Max.Y+spanHeight-4)
		}
		if name := shorten(s.Label, style, to-from-6); name != "" {
			c.FillText(style, vg.Point{X: (from + to) / 2, Y: c.Max.Y + 4}, name)
		}
	}
}

// shorten cuts a name to a width; less than two letters are nothing.
func shorten(name string, style text.Style, room vg.Length) string {
	if style.Width(name) <= room {
		return name
	}
	letters := []rune(name)
	for n := len(letters) - 1; n >= 2; n-- {
		if cut := string(letters[:n]) + "…"; style.Width(cut) <= room {
			return cut
		}
	}
	return ""
}
