package reports

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// scatterView is a set of points as the page draws it: coloured by the first of its
// colourings, and by the others where a reader chooses one.
type scatterView struct {
	ID, Title     string
	Describe      string // for those who do not see it
	Width, Height float64
	SVG           template.HTML // "" without a finite point
	By            string        // what the colours say
	Legend        []colourKey
	Ring          string // what a ring means, if there are any
	Note          string
	Colourings    string // JSON of all of them, for the script
}

// The size of the drawing in user units, and what is left free at its edges.
const (
	scatterWidth  = 400
	scatterHeight = 300
	scatterEdge   = 8
)

// scatter draws points, and says of each what is known of its cases.
func (a *album) scatter(s stage.Scatter) (*scatterView, error) {
	v := &scatterView{Title: s.Title, Width: scatterWidth, Height: scatterHeight, Note: s.Note}
	if v.Title == "" {
		v.Title = s.Name
	}
	points, all := a.placed(s.Points), a.colourings(s.Points)
	if len(points) == 0 {
		return v, nil
	}
	v.SVG, v.By, v.Legend = drawn(points, all[0]), all[0].Name, all[0].Keys
	if slices.ContainsFunc(all, func(c colouring) bool { return len(c.Wrong) > 0 }) {
		v.Ring = "not recognised"
	}
	v.Describe = fmt.Sprintf("%s: %s, coloured by %s", v.Title, plural(len(points), "point", "points"), v.By)
	text, err := json.Marshal(all)
	v.Colourings = string(text)
	return v, err
}

// dotView is a point in the drawing.
type dotView struct {
	index int // among the points of the figure
	x, y  float64
	title string
	id    string // of its first case
}

// drawn are the points in the colours of one colouring; what is wrong lies on top.
func drawn(points []dotView, by colouring) template.HTML {
	var drawing pen
	for _, wrong := range []bool{false, true} {
		for _, p := range points {
			if slices.Contains(by.Wrong, p.index) == wrong {
				drawing.dot(p, by.Of[p.index], wrong)
			}
		}
	}
	return drawing.html()
}

func (p *pen) dot(d dotView, ink int, wrong bool) {
	class := fmt.Sprintf("dot fill-%d", ink)
	if wrong {
		class += " wrong"
	}
	fmt.Fprintf(&p.b, `<circle cx="%.1f" cy="%.1f" r="3.4" class="%s" data-at="%d" data-case="%s">%s</circle>`,
		d.x, d.y, class, d.index, template.HTMLEscapeString(d.id), hoverTitle(d.title))
}

// placed lays finite points out with one scale for both directions, in the middle of
// the drawing.
func (a *album) placed(points []stage.ScatterPoint) (out []dotView) {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, p := range points {
		if !finite(p.X) || !finite(p.Y) {
			continue
		}
		for d, at := range [2]float64{p.X, p.Y} {
			low[d], high[d] = min(low[d], at), max(high[d], at)
		}
		one := dotView{index: i, x: p.X, y: p.Y, title: a.tellPoint(p)}
		if len(p.Cases) > 0 {
			one.id = p.Cases[0]
		}
		out = append(out, one)
	}
	scale := min((scatterWidth-2*scatterEdge)/max(high[0]-low[0], 1e-12), (scatterHeight-2*scatterEdge)/max(high[1]-low[1], 1e-12))
	for i := range out {
		out[i].x = scatterWidth/2 + (out[i].x-(low[0]+high[0])/2)*scale
		out[i].y = scatterHeight/2 - (out[i].y-(low[1]+high[1])/2)*scale
	}
	return out
}

// tellPoint says which case it is and what was said of it; of several how many answers
// were wrong.
func (a *album) tellPoint(p stage.ScatterPoint) string {
	if len(p.Cases) == 0 {
		return ""
	}
	said, known := a.known[p.Cases[0]]
	switch {
	case !known:
		return p.Cases[0]
	case len(p.Cases) > 1:
		return fmt.Sprintf("%s and %s · %d not recognised", p.Cases[0], plural(len(p.Cases)-1, "other answer", "other answers"), a.mistaken(p.Cases))
	}
	return p.Cases[0] + " · " + a.short(said)
}

// mistaken counts the cases whose likeliest class is not their label.
func (a *album) mistaken(cases []string) (count int) {
	for _, id := range cases {
		if said, known := a.known[id]; known && said.Label >= 0 && likeliest(said.Probabilities) != said.Label {
			count++
		}
	}
	return count
}

// wrong are the points of which some of the cases that count were not recognised.
func (a *album) wrong(points []stage.ScatterPoint, count func(stage.ScatterPoint) []string) (at []int) {
	for i, p := range points {
		if a.mistaken(count(p)) > 0 {
			at = append(at, i)
		}
	}
	return at
}
