package reports

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"vertebra/results"
	"vertebra/stages/stage"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func small() chart {
	nan := math.NaN()
	return chart{XLabel: "epoch", YLabel: `"loss" <&> #FEED00`, WholeX: true, Marks: []float64{3},
		Spans: []chartSpan{{"head", 0.5, 3.5}, {"a name that is far too long for its phase", 3.5, 1e9}},
		Lines: []chartLine{
			{"validation", []float64{1, 2, 3, 4, 5}, []float64{1, 0.5, 0.25, nan, 0.3}, lookAt(0)},
			{"train", []float64{1, 2, 3, 4, 5}, []float64{1.1, 0.6, 0.4, 0.2, 0.1}, lookAt(1)},
		}}
}

func TestPlotGolden(t *testing.T) {
	t.Parallel()
	got, _, err := small().svg()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "plot.svg.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the plot changed; look at it, then go test -update:\n%s", got)
	}
}

func TestPlotUsesThePage(t *testing.T) {
	t.Parallel()
	svg, _, err := small().svg()
	if err != nil {
		t.Fatal(err)
	}
	text := string(svg)
	for _, want := range []string{"stroke:var(--ink-0)", "stroke:var(--ink-1)", "stroke-dasharray:6,3", "fill:var(--ink-100)", ">head</text>", "a name", "…</text>",
		"&#34;loss&#34; &lt;&amp;&gt; #FEED00"} { // a text that looks like a colour stays
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	for _, bad := range []string{"http", "xmlns", "font-family", "NaN", "fill:#", "stroke:#", "<svg", "</svg"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q in the plot", bad)
		}
	}
	// The validation line has a gap: a part of three points, and a dot.
	if n := strings.Count(text, "stroke:var(--ink-0)"); n != 1 {
		t.Errorf("got %d strokes of the first line", n)
	}
}

func TestAxes(t *testing.T) {
	t.Parallel()
	line := func(y ...float64) chart {
		c := chart{Lines: []chartLine{{Y: y}}}
		for i := range y {
			c.Lines[0].X = append(c.Lines[0].X, float64(i))
		}
		return c
	}
	for _, c := range []struct {
		name  string
		chart chart
		log   bool
	}{
		{"learning rate", line(1e-4, 1e-6, 9e-7), true},
		{"two decades are not more than two", line(1, 100), false},
		{"zero", line(0, 1000), false},
		{"negative", line(-1, 1000), false},
	} {
		_, log := c.chart.plot().Y.Scale.(plot.LogScale)
		if log != c.log {
			t.Errorf("%s: log is %v", c.name, log)
		}
	}
	if p := line(0, 0.5).plot(); p.Y.Min != 0 || p.Y.Max <= 0.5 {
		t.Errorf("an axis of numbers from 0 goes from %g to %g", p.Y.Min, p.Y.Max)
	}
	if p := line(7, 7).plot(); p.Y.Min >= 7 || p.Y.Max <= 7 {
		t.Errorf("an axis of one number goes from %g to %g", p.Y.Min, p.Y.Max)
	}
	if line(math.NaN()).plot() != nil {
		t.Error("nothing was drawn")
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	labels := func(ticks []plot.Tick) string {
		var texts []string
		for _, tick := range ticks {
			texts = append(texts, tick.Label)
		}
		return strings.Join(texts, " ")
	}
	for _, c := range []struct{ got, want string }{
		{labels(linearTicks(false, 5)(0, 1)), "0.0 0.2 0.4 0.6 0.8 1.0"},
		{labels(linearTicks(true, 5)(1, 3)), "1 2 3"},
		{labels(linearTicks(true, 5)(1, 31)), "5 10 15 20 25 30"},
		{labels(linearTicks(false, 5)(-0.1, 0.1)), "−0.10 −0.05 0.00 0.05 0.10"},
		{labels(linearTicks(false, 5)(0, 3e-6)), "0 5e-7 1e-6 1.5e-6 2e-6 2.5e-6 3e-6"},
		{labels(linearTicks(false, 5)(0, 4e6)), "0 1e6 2e6 3e6 4e6"},
		{labels(linearTicks(false, 5)(0.49722, 0.49752)), "0.49725 0.49730 0.49735 0.49740 0.49745 0.49750"},
		{labels(linearTicks(false, 5)(1.00000e-4, 1.00003e-4)), "1e-4 1.000005e-4 1.00001e-4 1.000015e-4 1.00002e-4 1.000025e-4 1.00003e-4"},
		{labels(linearTicks(false, 5)(11242810, 11242840)), "1.124281e7 1.1242815e7 1.124282e7 1.1242825e7 1.124283e7 1.1242835e7 1.124284e7"},
		{labels(linearTicks(false, 5)(1, 1)), ""},
		{labels(linearTicks(false, 5)(0, math.Inf(1))), ""},
		{labels(logTicks(1e-7, 1e-4)), "1e-7 1e-6 1e-5 1e-4"},
		{labels(logTicks(0.9, 120)), "1 2 5 10 20 50 100"},
		{labels(logTicks(0.005, 2000)), "0.01 0.1 1 10 100 1000"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestThin(t *testing.T) {
	t.Parallel()
	var noisy []vg.Point
	for i := range 40_000 {
		noisy = append(noisy, vg.Point{X: vg.Length(i) / 100, Y: vg.Length(i * 7919 % 200)})
	}
	kept := thin(noisy)
	if len(kept) > 4000 || kept[0] != noisy[0] || kept[len(kept)-1] != noisy[len(noisy)-1] {
		t.Errorf("kept %d points of %d", len(kept), len(noisy))
	}
	byY := func(a, b vg.Point) int { return int(a.Y - b.Y) }
	if slices.MinFunc(kept, byY).Y != slices.MinFunc(noisy, byY).Y || slices.MaxFunc(kept, byY).Y != slices.MaxFunc(noisy, byY).Y {
		t.Error("a peak was lost")
	}
	two := []vg.Point{{X: 1}, {X: 1}}
	if got := thin(two); len(got) != 2 {
		t.Errorf("got %v", got)
	}
}

func TestLooks(t *testing.T) {
	t.Parallel()
	both := looksOf([]string{"train", "validation"})
	if alone := looksOf([]string{"train"}); alone[0].Ink != both[0].Ink || alone[0].Dashes != nil {
		t.Errorf("train looks different alone: %v, %v", alone, both)
	}
	var labels []string
	for i := range inks * len(dashes) {
		labels = append(labels, string(rune('A'+i)))
	}
	seen := map[string]bool{}
	for i, l := range looksOf(append(labels, "validation", "test")) {
		k := newKey("", "", l)
		id := k.Dash + "/" + string(rune('0'+k.Ink))
		if i < inks*len(dashes)-2 && seen[id] {
			t.Errorf("two lines look like %s", id)
		}
		seen[id] = true
	}
}

func TestPerStepAxis(t *testing.T) {
	t.Parallel()
	var scalars []stage.Scalar
	for step := 1; step <= 20; step++ {
		phase := "a"
		if step > 10 {
			phase = "b"
		}
		scalars = append(scalars, stage.Scalar{Name: "loss", Series: "train", Phase: phase, Epoch: 1 + step/10, Step: step, Value: float64(step)})
	}
	c := scalarChart(scalars)
	if !perStep(scalars) || c.Lines[0].X[19] != 20 {
		t.Errorf("got x %v", c.Lines[0].X)
	}
	spans := stepSpans(scalars, []stage.PhaseRecord{{Name: "a"}, {Name: "b"}, {Name: "never ran"}})
	if len(spans) != 2 || spans[0].To != 11 || spans[1].From != 11 {
		t.Errorf("got spans %v", spans)
	}
}

// TestLargeMatrixIsSparse: a zero among many columns is a zero and no share.
func TestLargeMatrixIsSparse(t *testing.T) {
	t.Parallel()
	few, many := countCells([]float64{3, 0, 1}), countCells([]float64{3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	if few[1].Share == "" || many[1].Share != "" || many[1].Text != "0" || many[0].Share != few[0].Share {
		t.Errorf("got %+v and %+v", few, many)
	}
}

func TestMatrixShades(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b"}
	counts := newMatrix(stage.Matrix{Rows: names, Columns: names, Values: [][]float64{{90, 10}, {0, 0}}})
	if c := counts.Rows[0].Cells; c[0].Level != 0.9 || !c[0].Dark || c[1].Share != "10.0 %" || c[1].Dark || counts.Rows[1].Cells[0].Share != "" {
		t.Errorf("got %+v", counts.Rows)
	}
	other := newMatrix(stage.Matrix{Rows: names, Columns: []string{"x"}, Values: [][]float64{{-4}, {1}}})
	if c := other.Rows; !c[0].Cells[0].Below || c[0].Cells[0].Level != 1 || c[1].Cells[0].Level != 0.25 || c[1].Cells[0].Share != "" {
		t.Errorf("got %+v", other.Rows)
	}
	correlation := newMatrix(stage.Matrix{Rows: names, Columns: names, Values: [][]float64{{1, 0.3}, {0.3, 1}}})
	if correlation.Rows[0].Cells[0].Share != "" {
		t.Error("a correlation was taken for counts")
	}
}

// TestRepeatedMatrix: shares that a matrix of counts is drawn with are not drawn again.
func TestRepeatedMatrix(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b"}
	counts := stage.Matrix{Name: "confusion", Rows: names, Columns: names, Values: [][]float64{{3, 1}, {0, 0}}}
	shares := stage.Matrix{Name: "shares", Rows: names, Columns: names, Values: [][]float64{{0.75, 0.25}, {0, 0}}}
	other := stage.Matrix{Name: "other", Rows: names, Columns: names, Values: [][]float64{{0.5, 0.5}, {0, 0}}}
	rec := &results.RunRecord{Figures: []stage.Record{counts, shares, other}}
	if repeated(counts, rec) || !repeated(shares, rec) || repeated(other, rec) {
		t.Errorf("got %v, %v, %v, want the shares alone", repeated(counts, rec), repeated(shares, rec), repeated(other, rec))
	}
}

// TestHeadline: what training watched comes first, few rows are not folded away, and a
// note says what small numbers and baselines are.
func TestHeadline(t *testing.T) {
	t.Parallel()
	s := results.RunSummary{}
	s.Watching.Series, s.Watching.Name = "validation", "f13"
	for i := range 14 {
		f := stage.Scalar{Name: fmt.Sprintf("f%d", i), Series: "validation", Epoch: stage.Final, Value: 0.5}
		if i == 1 {
			f.Interval = &stage.Interval{Low: 0.4, High: 0.6, Level: 0.95, Method: "bca, 9 groups drawn 2000 times"}
		}
		s.Finals = append(s.Finals, f)
	}
	tables, more := headline(s.WatchedFirst())
	if more != nil || tables[0].Rows[0][0].Text != "f13" {
		t.Errorf("got %v first, and more: %v", tables[0].Rows[0][0].Text, more != nil)
	}
	if got, want := headlineNote(s, watchedInTraining), "f13 is what training watched; small: 95 % intervals (bca, 9 groups drawn 2000 times)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Finals = append(s.Finals, stage.Scalar{Name: "f1", Series: "test", Epoch: stage.Final, Value: 0.5})
	if got, want := headlineNote(s, watchedInTraining), "; none of test, which has too few groups for them"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want it to end with %q", got, want)
	}
}
