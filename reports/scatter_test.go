package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// spread is a figure with a point for each case, and what was said of these.
func spread(cases ...stage.Prediction) *results.RunRecord {
	rec := &results.RunRecord{Facts: []stage.Fact{{Name: "classes", Value: `["a","b","c"]`}}, Predictions: cases}
	s := stage.Scatter{Name: "alike", Title: "Alike", Note: "near is alike"}
	for i, p := range cases {
		s.Points = append(s.Points, stage.ScatterPoint{X: float64(i), Y: float64(i * i), Cases: []string{p.CaseID}})
	}
	rec.Figures = []stage.Record{s}
	return rec
}

func saidOf(id string, label int, said []float64, tags map[string]string) stage.Prediction {
	return stage.Prediction{CaseID: id, Split: stage.Test, Label: label, Probabilities: said, Tags: tags}
}

func TestScatter(t *testing.T) {
	t.Parallel()
	page := render(t, spread(saidOf("one", 0, []float64{0.9, 0.1, 0}, nil), saidOf("two", 2, []float64{0.2, 0.7, 0.1}, nil)))
	for _, want := range []string{"near is alike", "not recognised", `<title>one · a 0.90</title>`, `<title>two · c → b 0.70</title>`,
		`class="dot fill-0" data-at="0" data-case="one"`, `class="dot fill-1 wrong" data-at="1" data-case="two"`, "coloured by true class"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestPlacedInOneScale: both directions have one, and all points lie inside.
func TestPlacedInOneScale(t *testing.T) {
	t.Parallel()
	a := newAlbum(&results.RunRecord{})
	got := a.placed([]stage.ScatterPoint{{X: -1e6, Y: 0}, {X: 1e6, Y: 1e5}, {X: 0, Y: 0}, {X: math.NaN()}, {Y: math.Inf(1)}})
	if len(got) != 3 {
		t.Fatalf("%d points: %+v", len(got), got)
	}
	wide, high := got[1].x-got[0].x, got[0].y-got[1].y
	if wide != scatterWidth-2*scatterEdge || !(math.Abs(high-wide/20) <= 1e-9) || got[2].x != scatterWidth/2 {
		t.Errorf("%g by %g: %+v", wide, high, got)
	}
	if one := a.placed([]stage.ScatterPoint{{X: 7, Y: 7}}); one[0].x != scatterWidth/2 || one[0].y != scatterHeight/2 {
		t.Errorf("one point lies at %+v", one)
	}
}

func TestColourings(t *testing.T) {
	t.Parallel()
	var cases []stage.Prediction
	for i := range 30 {
		tags := map[string]string{"site": []string{"Ulm", "Aix"}[i%2], "age": fmt.Sprint(i), "same": "x", "level": fmt.Sprint(8 + i%4), stage.FoldTag: fmt.Sprint(i % 2)}
		if i == 0 {
			delete(tags, "site")
		}
		cases = append(cases, saidOf(fmt.Sprint(i), i%3, []float64{0.1, 0.8, 0.1}, tags))
	}
	rec := spread(cases...)
	got := newAlbum(rec).colourings(rec.Figures[0].(stage.Scatter).Points)
	var names []string
	for _, c := range got {
		names = append(names, fmt.Sprint(c.Name, " ", c.Keys))
	}
	want := []string{"true class [{a 0 10} {b 1 10} {c 2 10}]", "predicted class [{b 0 30}]", "level [{8 0 8} {9 1 8} {10 2 7} {11 3 7}]",
		"site [{Aix 0 15} {Ulm 1 14} {not known 6 1}]"}
	if !slices.Equal(names, want) {
		t.Errorf("got  %q\nwant %q", names, want)
	}
	if of := got[3].Of; of[0] != greyInk || of[1] != 0 || of[2] != 1 {
		t.Errorf("inks %v", of)
	}
}

// TestColouringOfMany: of more values than colours the frequent ones keep theirs.
func TestColouringOfMany(t *testing.T) {
	t.Parallel()
	var points []stage.ScatterPoint
	for i, n := range []int{5, 1, 4, 3, 6, 2, 7, 8} {
		for range n {
			points = append(points, stage.ScatterPoint{Cases: []string{string(rune('a' + i))}})
		}
	}
	got := newColouring("x", nil, points, func(p stage.ScatterPoint) string { return p.Cases[0] })
	if want := "[{a 0 5} {c 1 4} {d 2 3} {e 3 6} {g 4 7} {h 5 8} {others 6 3}]"; fmt.Sprint(got.Keys) != want {
		t.Errorf("got  %v\nwant %s", got.Keys, want)
	}
}

// TestColouringsOfTargets: each question about a sample has its own colours.
func TestColouringsOfTargets(t *testing.T) {
	t.Parallel()
	rec := spread(saidOf("s/x", 0, []float64{0.9, 0.1, 0}, map[string]string{stage.TargetTag: "x"}), saidOf("s/y", 1, []float64{0.9, 0.1, 0}, map[string]string{stage.TargetTag: "y"}),
		saidOf("r/x", 1, []float64{0.1, 0.9, 0}, map[string]string{stage.TargetTag: "x"}))
	points := []stage.ScatterPoint{{Cases: []string{"s/x", "s/y"}}, {X: 1, Cases: []string{"r/x"}}}
	a := newAlbum(rec)
	if got, want := fmt.Sprint(a.colourings(points)), "[{x [{a 0 1} {b 1 1}] [0 1] []} {y [{b 0 1} {not known 6 1}] [0 6] [0]}]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if svg := string(drawn(a.placed(points), a.colourings(points)[0])); strings.Contains(svg, "wrong") {
		t.Errorf("s is wrong of x, where it is wrong of y: %s", svg)
	}
	if got, want := a.tellPoint(points[0]), "s/x and 1 other answer · 1 not recognised"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
