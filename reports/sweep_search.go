package reports

import (
	"fmt"
	"math"

	"vertebra/results"
)

// searchPlots show where the search looked, and what it found.
func (s Sweep) searchPlots() ([]block, error) {
	if len(s.ranked()) == 0 {
		return nil, nil
	}
	out := []block{{Plot: s.history()}}
	if len(s.Settings) > 1 {
		parallel, err := s.parallel()
		if err != nil {
			return nil, err
		}
		out = append(out, block{Plot: parallel})
	}
	for _, surface := range s.Surfaces {
		out = append(out, block{Plot: s.contour(surface)})
	}
	for _, setting := range s.Settings[:min(len(s.Settings), mostSlices)] {
		out = append(out, block{Plot: s.slice(setting)})
	}
	return out, nil
}

// mostSlices is how many settings get a plot of their own.
const mostSlices = 12

// The size of these plots.
const (
	sweepWidth, sweepHeight = 400.0, 240.0
	marginLeft, marginRight = 46.0, 10.0
	marginTop, marginBottom = 10.0, 34.0
)

// values are what trials gave, without those far from all others.
func (s Sweep) values() (out []float64) {
	for _, t := range s.Trials {
		if finite(t.Value) {
			out = append(out, t.Value)
		}
	}
	return out
}

func (s Sweep) valueAxis() axis {
	return newAxis(s.values(), sweepHeight-marginBottom, marginTop)
}

// mark draws a trial at a place, and what is more to be told of it: its settings are
// told in the history and the parallel coordinates alone, since there are many plots of it.
func (s Sweep) mark(p *pen, t SweepTrial, x, y float64, more string) {
	words := fmt.Sprintf("trial %d: %s%s", t.Number, valueText(t.Value), more)
	p.of = ofTrial(t.Number)
	defer func() { p.of = "" }()
	switch {
	case t.Number == s.Best:
		p.circle(x, y, 5, starStyle, words)
	case t.state() == results.TrialFailed:
		p.circle(x, y, 3, badStyle, words)
	case t.state() == results.TrialDone:
		p.circle(x, y, 3, doneStyle, words)
	default:
		p.circle(x, y, 3, openStyle, words)
	}
}

// history is the objective by the number of the trial, and the best so far.
func (s Sweep) history() *plotView {
	p, y := &pen{}, s.valueAxis()
	p.frameOf(marginLeft, sweepWidth-marginRight, y)
	x := newAxis([]float64{0, math.Max(1, float64(len(s.Trials)-1))}, marginLeft, sweepWidth-marginRight)
	for _, t := range x.ticks() {
		p.text(t.Share, sweepHeight-marginBottom+14, "middle", t.Text)
	}
	p.text((marginLeft+sweepWidth)/2, sweepHeight-4, "middle", "trial")
	best := math.NaN()
	var steps [][2]float64
	for i, t := range s.Trials {
		if !finite(t.Value) || t.state() == results.TrialFailed {
			continue
		}
		if math.IsNaN(best) || s.better(t.Value, best) {
			if len(steps) > 0 {
				steps = append(steps, [2]float64{x.at(float64(i)), y.at(best)})
			}
			best = t.Value
		}
		steps = append(steps, [2]float64{x.at(float64(i)), y.at(best)})
	}
	p.path(steps, bestStyle, "the best so far")
	for i, t := range s.Trials {
		at := y.from
		switch {
		case finite(t.Value):
			at = y.at(t.Value)
		case t.state() != results.TrialFailed:
			continue // it has no value yet
		}
		s.mark(p, t, x.at(float64(i)), at, fmt.Sprintf(", %s%s", t.state(), t.Words))
	}
	return &plotView{ID: "history", Title: "History of " + s.Record.Objective, Better: string(s.Record.Better), SVG: p.html(), Width: sweepWidth, Height: sweepHeight,
		Note:     "filled: trained to the end; open: ended early, at its best value; red: failed; orange: the best",
		Describe: fmt.Sprintf("%s of %d trials in their order; the best so far comes to %s", s.Record.Objective, len(s.Trials), valueText(best))}
}

// slice is the objective by one setting.
func (s Sweep) slice(setting SweepSetting) *plotView {
	p, y := &pen{}, s.valueAxis()
	p.frameOf(marginLeft, sweepWidth-marginRight, y)
	place := func(share float64) float64 {
		return marginLeft + 8 + share*(sweepWidth-marginLeft-marginRight-16)
	}
	for _, t := range setting.Ticks {
		p.text(place(t.Share), sweepHeight-marginBottom+14, anchorAt(t.Share, len(setting.Ticks)), shortened(t.Text, 60/max(1, len(setting.Ticks))))
	}
	for _, t := range s.Trials {
		if share, counts := t.Shares[setting.Path]; counts && finite(t.Value) {
			s.mark(p, t, place(share), y.at(t.Value), "")
		}
	}
	return &plotView{Title: s.Record.Objective + " by " + lastWords(setting.Path), Better: string(s.Record.Better), SVG: p.html(), Width: sweepWidth, Height: sweepHeight,
		Describe: fmt.Sprintf("%s by %s, a point for each trial in which it counts", s.Record.Objective, setting.Path)}
}

// anchorAt keeps texts at the ends of an axis inside.
func anchorAt(share float64, n int) string {
	switch {
	case share <= 0.05 && n > 1:
		return "start"
	case share >= 0.95 && n > 1:
		return "end"
	}
	return "middle"
}

func shortened(text string, most int) string {
	if r := []rune(text); len(r) > most && most > 1 {
		return string(r[:most-1]) + "…"
	}
	return text
}

// The edges of a contour's coloured field; its upper one is marginTop.
const contourLeft, contourRight, contourBottom = marginLeft + 20, sweepWidth - marginRight, sweepHeight - marginBottom

// contour colours two settings by what they give in the mean over all others.
func (s Sweep) contour(c Surface) *plotView {
	p := &pen{}
	x0, x1, y0, y1 := contourLeft, contourRight, contourBottom, marginTop
	low, high := math.Inf(1), math.Inf(-1)
	for _, row := range c.Values {
		for _, v := range row {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	p.group(`style="fill:var(--ink-0)" shape-rendering="crispEdges"`, func() { // without seams
		for i, row := range c.Values {
			h := (y0 - y1) / float64(len(c.Values))
			for j, v := range row {
				w := (x1 - x0) / float64(len(row))
				good := (high - v) / math.Max(high-low, 1e-300)
				if s.better(1, 0) {
					good = 1 - good
				}
				p.rect(x0+float64(j)*w, y0-float64(i+1)*h, w, h, fmt.Sprintf("opacity:%.2f", 0.04+0.66*good), valueText(v))
			}
		}
	})
	s.contourTicks(p, c)
	for _, t := range s.Trials {
		sx, okx := t.Shares[c.X]
		sy, oky := t.Shares[c.Y]
		if okx && oky && finite(t.Value) {
			s.mark(p, t, x0+sx*(x1-x0), y0-sy*(y0-y1), "")
		}
	}
	return &plotView{Title: lastWords(c.Y) + " against " + lastWords(c.X), SVG: p.html(), Width: sweepWidth, Height: sweepHeight,
		Note:     "the stronger the better: the mean over all other settings, by a forest of regression trees over all trials, those that ended early at their best value",
		Describe: fmt.Sprintf("what %s and %s give together", c.X, c.Y)}
}

// contourTicks write the values of both settings along the axes.
func (s Sweep) contourTicks(p *pen, c Surface) {
	for _, setting := range s.Settings {
		for _, t := range setting.Ticks {
			switch setting.Path {
			case c.X:
				p.text(contourLeft+t.Share*(contourRight-contourLeft), contourBottom+14, anchorAt(t.Share, len(setting.Ticks)), shortened(t.Text, 14))
			case c.Y:
				p.text(contourLeft-4, contourBottom-t.Share*(contourBottom-marginTop)+4, "end", shortened(t.Text, 9))
			}
		}
	}
	p.text((contourLeft+contourRight)/2, sweepHeight-4, "middle", c.X)
}
