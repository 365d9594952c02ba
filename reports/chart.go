package reports

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// chart is a plot with lines, before it is drawn.
type chart struct {
	XLabel, YLabel string
	Lines          []chartLine
	Spans          []chartSpan // the phases
	Marks          []float64   // where on x the lines get a ring
	WholeX         bool        // x counts things
	Unit           bool        // x and y are shares of one: a square
}

type chartLine struct {
	Label string
	X, Y  []float64
	look
}

// chartSpan is a named part of the x axis.
type chartSpan struct {
	Label    string
	From, To float64
}

// The size of a plot in user units. They are small, so that text stays
// readable when a phone scales the plot down.
const (
	plotWidth    = 400
	plotHeight   = 240
	squareHeight = 350
	spanHeight   = 17 // above the plot, for the names of phases
)

func (c chart) height() vg.Length {
	if c.Unit {
		return squareHeight
	}
	return plotHeight
}

// limits gives the range of the finite numbers; ok is false when there is none.
func (c chart) limits(pick func(chartLine) []float64) (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range c.Lines {
		for i, v := range pick(l) {
			if i < len(l.X) && i < len(l.Y) && finite(l.X[i]) && finite(l.Y[i]) {
				low, high = math.Min(low, v), math.Max(high, v)
			}
		}
	}
	return low, high, low <= high
}

// finite says whether a number can be drawn. Beyond 1e100 the sums and ratios
// of layouting would no longer be finite themselves.
func finite(v float64) bool { return math.Abs(v) <= 1e100 }

// logSpan is the ratio from which positive numbers get a logarithmic axis.
const logSpan = 100

// plot lays the chart out for gonum; nil when there is nothing to draw.
func (c chart) plot() *plot.Plot {
	xLow, xHigh, ok := c.limits(func(l chartLine) []float64 { return l.X })
	if !ok {
		return nil
	}
	yLow, yHigh, _ := c.limits(func(l chartLine) []float64 { return l.Y })
	p := plot.New()
	p.BackgroundColor = nil
	c.dress(p)
	c.setX(p, xLow, xHigh)
	c.setY(p, yLow, yHigh)
	p.Add(&plotterGrid, spansPlotter(c.Spans), linesPlotter{c.Lines, c.Marks})
	return p
}

func (c chart) setX(p *plot.Plot, low, high float64) {
	if c.Unit {
		low, high = 0, 1
	}
	if high-low <= math.Abs(high)*1e-9 {
		low, high = padded(low, high)
	}
	p.X.Min, p.X.Max = low, high
	count := tickCount
	if high >= 1e4 {
		count-- // long labels
	}
	p.X.Tick.Marker = linearTicks(c.WholeX, count)
}

func (c chart) setY(p *plot.Plot, low, high float64) {
	p.Y.Tick.Marker = linearTicks(false, tickCount)
	switch {
	case c.Unit:
		p.Y.Min, p.Y.Max = 0, 1
	case low > 1e-100 && high/low > logSpan:
		margin := math.Pow(high/low, 0.04)
		p.Y.Min, p.Y.Max = low/margin, high*margin
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
	default:
		p.Y.Min, p.Y.Max = padded(low, high)
	}
}

// padded widens a range a little, but not across zero when all numbers are on
// one side of it.
func padded(low, high float64) (float64, float64) {
	margin := (high - low) * 0.06
	if high-low <= math.Abs(high)*1e-9 { // one number, give or take its rounding
		margin = math.Abs(high) * 0.1
	}
	if margin == 0 {
		margin = 1
	}
	from, to := low-margin, high+margin
	if low >= 0 {
		from = math.Max(0, from)
	}
	if high <= 0 && low < 0 {
		to = math.Min(0, to)
	}
	return from, to
}

// dress gives the axes a quiet look.
func (c chart) dress(p *plot.Plot) {
	for _, side := range []struct {
		axis  *plot.Axis
		label string
		room  vg.Length
	}{{&p.X, c.XLabel, plotWidth - 80}, {&p.Y, c.YLabel, c.height() - 60}} {
		axis := side.axis
		axis.Label.TextStyle.Font = sans(12.5)
		axis.Label.TextStyle.Color = inkSoft
		axis.Label.Text = shorten(side.label, axis.Label.TextStyle, side.room)
		axis.Label.Padding = 4
		axis.Tick.Label.Font = sans(12.5)
		axis.Tick.Label.Color = inkSoft
		axis.Tick.Color, axis.Color = inkAxis, inkAxis
		axis.Padding = 4
	}
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width, p.Y.Tick.Length = 0, 0, 0
	p.X.LineStyle.Width, p.X.Tick.LineStyle.Width, p.X.Tick.Length = 0.8, 0.8, 4
	p.X.Padding = 0
}

// draw draws the chart on a canvas and leaves room for the names of phases. It
// gives where the axes lie; nil when there was nothing to draw.
func (c chart) draw(dc draw.Canvas) *axesView {
	p := c.plot()
	if p == nil {
		return nil
	}
	top := vg.Length(4)
	if len(c.Spans) > 0 {
		top = spanHeight
	}
	height := c.height()
	dc = draw.Crop(dc, 0, -6, 0, -top)
	p.Draw(dc)
	data := p.DataCanvas(dc)
	toX, toY := p.Transforms(&data)
	_, log := p.Y.Scale.(plot.LogScale)
	down := func(y vg.Length) float64 { return tenths((height - y).Points()) } // SVG counts from above
	return &axesView{
		X: [4]float64{p.X.Min, p.X.Max, tenths(toX(p.X.Min).Points()), tenths(toX(p.X.Max).Points())},
		Y: [4]float64{p.Y.Min, p.Y.Max, down(toY(p.Y.Min)), down(toY(p.Y.Max))}, Log: log,
		XLabel: c.XLabel, YLabel: c.YLabel, Lines: []lineView{},
	}
}

func tenths(v float64) float64 { return math.Round(v*10) / 10 }

// axesView tells the script where numbers lie in the drawing.
type axesView struct {
	X      [4]float64 `json:"x"` // least and largest number, and their places
	Y      [4]float64 `json:"y"`
	Log    bool       `json:"log,omitempty"`
	Own    bool       `json:"own,omitempty"` // each line has an x of its own
	XLabel string     `json:"xLabel,omitempty"`
	YLabel string     `json:"yLabel,omitempty"`
	Lines  []lineView `json:"lines"`
}

type lineView struct {
	Label string `json:"label"`
	Ink   int    `json:"ink"`
	Dash  string `json:"dash,omitempty"`
	Thin  bool   `json:"thin,omitempty"`
}
