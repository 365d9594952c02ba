package reports

import (
	"fmt"
	"math"
	"slices"
	"time"

	"vertebra/results"
)

// stoppingPlots show the values over the epochs, and what ending early saved.
func (s Sweep) stoppingPlots() []block {
	most, stopped := 0, false
	var all []float64
	for _, t := range s.Trials {
		all = append(all, t.Rows[0].Values...)
		most = max(most, len(t.Rows[0].Values))
		stopped = stopped || t.state() == results.Paused || t.state() == results.Stopped
	}
	if most < 2 {
		return nil
	}
	p := &pen{}
	y := newAxis(all, sweepHeight-marginBottom, marginTop)
	x := newAxis([]float64{1, float64(most)}, marginLeft, sweepWidth-marginRight)
	p.frameOf(marginLeft, sweepWidth-marginRight, y)
	for _, t := range x.ticks() {
		p.text(t.Share, sweepHeight-marginBottom+14, "middle", t.Text)
	}
	p.text((marginLeft+sweepWidth)/2, sweepHeight-4, "middle", "epoch")
	for _, t := range s.Trials {
		var points [][2]float64
		for i, v := range t.Rows[0].Values {
			if finite(v) {
				points = append(points, [2]float64{x.at(float64(i + 1)), y.at(v)})
			}
		}
		style := "stroke:var(--ink-0);stroke-width:.8;opacity:.45"
		if t.Number == s.Best {
			style = "stroke:var(--ink-1);stroke-width:2"
		}
		p.of = ofTrial(t.Number)
		if len(points) == 1 {
			p.circle(points[0][0], points[0][1], 1.6, "fill:var(--ink-0);opacity:.45", "")
		}
		p.path(points, style, fmt.Sprintf("trial %d%s", t.Number, t.Words))
	}
	out := []block{{Plot: &plotView{Title: s.Record.Objective + " over the epochs", Better: string(s.Record.Better), SVG: p.html(), Width: sweepWidth, Height: sweepHeight,
		Note: "a line for each trial, the best in orange", Describe: fmt.Sprintf("%s of %d trials over %d epochs", s.Record.Objective, len(s.Trials), most)}}}
	if stopped {
		out = append(out, block{Table: s.rungs()})
	}
	return out
}

// rungs say how many trials came how far.
func (s Sweep) rungs() *tableView {
	ends := map[int]int{}
	trained, whole, most := 0, 0, 0
	for _, t := range s.Trials {
		row := t.Rows[0]
		ends[row.Epochs]++
		trained, whole, most = trained+row.Epochs, whole+row.MaxEpochs, max(most, row.Epochs)
	}
	v := &tableView{Title: "How far trials were trained", Columns: []columnView{{"epochs", true}, {"trials came so far", true}, {"ended there", true}}}
	var epochs []int
	for e := range ends {
		epochs = append(epochs, e)
	}
	slices.Sort(epochs)
	for _, e := range epochs {
		reached := 0
		for other, n := range ends {
			if other >= e {
				reached += n
			}
		}
		v.Rows = append(v.Rows, []cellView{{Text: fmt.Sprint(e), Head: true, Number: true}, {Text: fmt.Sprint(reached), Number: true}, {Text: fmt.Sprint(ends[e]), Number: true}})
	}
	if whole > 0 {
		v.Note = fmt.Sprintf("%s of %s epochs were trained: ending early saved %.0f %% of them", grouped(trained), grouped(whole), 100*(1-float64(trained)/float64(whole)))
	}
	return v.fit()
}

// timePlots show which trial computed where and when, and what that cost.
func (s Sweep) timePlots() []block {
	devices, ended := s.devices()
	if !ended.After(s.Record.Started) {
		return nil
	}
	seconds := ended.Sub(s.Record.Started).Seconds()
	g := gantt{axis: axis{low: 0, high: seconds, from: ganttLeft, to: wideWidth - 10}, devices: devices, begun: s.Record.Started}
	g.frame()
	busy := map[string]float64{}
	for _, t := range s.Record.Trials {
		for _, span := range t.Spans {
			if span.Ended.IsZero() { // nobody saw it end
				span.Ended = span.Begun
			}
			g.bar(span, t.Number, t.Number == s.Best)
			busy[span.Device] += span.Ended.Sub(span.Begun).Seconds()
		}
	}
	plot := &plotView{Title: "Which trial computed where", SVG: g.pen.html(), Width: wideWidth, Height: g.height(), Span: "wide",
		Note: "orange: the best trial; red: failed, lost or cut off", Describe: fmt.Sprintf("the time of %d devices", len(devices))}
	return []block{{Plot: plot}, {Table: s.costs(devices, busy, seconds)}}
}

// devices are those that trials computed on, and when the last of them ended.
func (s Sweep) devices() (names []string, ended time.Time) {
	ended = s.Record.Started
	for _, t := range s.Record.Trials {
		for _, span := range t.Spans {
			if span.Ended.After(ended) {
				ended = span.Ended
			}
			if !slices.Contains(names, span.Device) {
				names = append(names, span.Device)
			}
		}
	}
	slices.Sort(names)
	return names, ended
}

// gantt draws a row of bars for each device, over the time since the sweep began.
type gantt struct {
	pen
	axis    axis // in seconds
	devices []string
	begun   time.Time
}

// The height of a gantt's rows, and the room for their names.
const ganttRow, ganttLeft = 26.0, 70.0

func (g *gantt) height() float64 { return marginTop + ganttRow*float64(len(g.devices)) + 30 }

// frame draws the names of devices and the axis of time.
func (g *gantt) frame() {
	for i, d := range g.devices {
		g.text(ganttLeft-6, marginTop+ganttRow*float64(i)+16, "end", d)
	}
	for _, t := range g.axis.ticks() {
		g.line(t.Share, marginTop, t.Share, g.height()-26, gridStyle)
		g.text(t.Share, g.height()-12, "middle", clockText(time.Duration(math.Round(valueAt(g.axis, t.Share)))*time.Second))
	}
}

// bar draws the time of a trial on a device.
func (g *gantt) bar(span results.Span, trial int, best bool) {
	style := "fill:var(--ink-0);opacity:.55;stroke:var(--ink-104);stroke-width:.6"
	switch {
	case best:
		style = "fill:var(--ink-1);stroke:var(--ink-104);stroke-width:.6"
	case !slices.Contains([]string{"done", "paused", "stopped", ""}, span.Outcome):
		style = "fill:var(--bad);opacity:.7;stroke:var(--ink-104);stroke-width:.6"
	}
	from, until := g.axis.at(span.Begun.Sub(g.begun).Seconds()), g.axis.at(span.Ended.Sub(g.begun).Seconds())
	row := marginTop + ganttRow*float64(slices.Index(g.devices, span.Device))
	g.of = ofTrial(trial)
	g.rect(from, row+2, until-from, ganttRow-6, style, fmt.Sprintf("trial %d, epochs %d to %d: %s, %s",
		trial, span.First, span.Last, span.Outcome, span.Ended.Sub(span.Begun).Round(100*time.Millisecond)))
}

// valueAt is the number at a place of a linear axis.
func valueAt(a axis, place float64) float64 {
	return a.low + (place-a.from)/(a.to-a.from)*(a.high-a.low)
}

// clockText is a time on an axis: in hours and minutes once there are hours.
func clockText(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

// costs say what each device did, and what starting trials took.
func (s Sweep) costs(devices []string, busy map[string]float64, wall float64) *tableView {
	v := &tableView{Title: "What it cost", Columns: []columnView{{"device", false}, {"hours computed", true}, {"busy", true}, {"starts", true}, {"seconds until the first step", true}}}
	for _, d := range devices {
		starts, sum := 0, 0.0
		for _, t := range s.Record.Trials {
			for _, span := range t.Spans {
				if span.Device == d && span.Startup > 0 {
					starts, sum = starts+1, sum+span.Startup
				}
			}
		}
		v.Rows = append(v.Rows, []cellView{{Text: d, Head: true}, {Text: fmt.Sprintf("%.3f", busy[d]/3600), Number: true}, {Text: fmt.Sprintf("%.0f %%", 100*busy[d]/wall), Number: true},
			{Text: fmt.Sprint(starts), Number: true}, {Text: fmt.Sprintf("%.2f", sum/math.Max(1, float64(starts))), Number: true}})
	}
	return v.fit()
}
