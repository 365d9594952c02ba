package reports

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// sampleComparison is one of three runs; h stands where data gives texts.
func sampleComparison(t testing.TB, h string) Comparison {
	t.Helper()
	c := Comparison{ID: "compare-a-b", Name: "Comparison", Purpose: "b and c against a " + h,
		Verdicts: []Verdict{{Kind: "better", Text: "b is better than a by 0.021 " + h}, {Kind: "indistinguishable", Text: "c and a are indistinguishable"}, {Text: "nothing is known"}},
		Remarks:  []Remark{{Text: "b was made with other data " + h, Serious: true}, {Text: "a is one run"}},
		Settings: stage.Table{Title: "Settings", Columns: []string{"setting", "a", "b", "c"}, Rows: [][]any{{"train.batch" + h, "8", "16" + h, "8"}}},
		Machines: stage.Table{Title: "Machines", Columns: []string{"fact", "a", "b", "c"}, Rows: [][]any{{"device", "cpu", "cuda" + h, "cpu"}}},
	}
	for i, name := range []string{"a", "b", "c"} {
		rec := &results.RunRecord{RunSummary: results.RunSummary{ID: "2026-11-24-" + name, Name: name, Purpose: h, Status: results.Done, Seed: 42, Note: h,
			Started: time.Date(2026, 11, 24, 3, i, 0, 0, time.UTC), Ended: time.Date(2026, 11, 24, 4, i, 0, 0, time.UTC)}, Experiment: "train:\n  monitor: validation.macro_f1\n"}
		for e := 1; e <= 20; e++ {
			rec.Scalars = append(rec.Scalars, stage.Scalar{Name: "loss", Title: "Loss" + h, Series: "train", Epoch: e, Value: 1 / float64(e+i)},
				stage.Scalar{Name: "macro_f1", Title: "Macro F1", Series: "validation", Epoch: e, Value: 1 - 1/float64(e+i), Better: stage.HigherBetter})
		}
		c.Runs = append(c.Runs, Compared{Name: name, Run: rec, HasReport: name != "c"})
	}
	matrix := stage.Matrix{Name: "confusion_difference", Title: "Difference" + h, Section: "confusion", Rows: classes, Columns: classes, Values: [][]float64{{2, -2, 0}, {0, 0, 0}, {0, -1, 1}}}
	c.Figures = []stage.Record{matrix, stage.Table{Name: "differences", Title: "All numbers", Section: "numbers", Columns: []string{"metric", "a", "b"}, Rows: [][]any{{"F1" + h, 0.5, stage.Estimate{Value: 0.6, Low: 0.5, High: 0.7}}}}}
	f := Flips{Between: "b against a" + h, A: "a", B: "b", Classes: []string{"normal_mild", "moderate", "severe" + h},
		Tables: []stage.Table{{Name: "flips", Title: "By class", Columns: []string{"class", "cases", "fixed", "broken"}, Rows: [][]any{{"normal_mild", 9, 0, 0}, {"moderate", 20, 12, 1}, {"all", 29, 12, 1}}},
			{Name: "flips_by_level", Title: "By level", Columns: []string{"level", "cases", "fixed", "broken"}, Rows: [][]any{{"L4 L5", 20, 12, 1}}}}}
	for i := range 14 {
		one := Flipped{Case: fmt.Sprint("case ", i, h), Group: "g" + h, True: 1, A: 2, B: 1, InA: []float64{0.1, 0.3, 0.6}, InB: []float64{0.1, 0.5 + float64(i)/100, 0.4}, Fixed: true,
			Tags: map[string]string{"level": "L4 L5"}, PNG: picture(t, i, 24)}
		switch i {
		case 12:
			one.A, one.B, one.Fixed = 1, 2, false
		case 13:
			one.PNG = nil
		}
		f.Cases = append(f.Cases, one)
	}
	c.Flips = []Flips{f}
	return c
}

func renderComparison(t testing.TB, c Comparison) string {
	t.Helper()
	var out bytes.Buffer
	if err := AsFile.Comparison(&out, c); err != nil {
		t.Fatal(err)
	}
	if *keep != "" {
		if err := os.WriteFile(filepath.Join(*keep, t.Name()+".html"), out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return ownScript(t, out.String())
}

func TestComparison(t *testing.T) {
	t.Parallel()
	page := renderComparison(t, sampleComparison(t, ""))
	at := 0
	for _, want := range []string{`id="verdict-title"`, `class="verdict better"><b>better</b> b is better`, "<b>indistinguishable</b>", "<b>unknown</b>", "Caution:", `id="runs"`, `href="2026-11-24-a.html"`,
		`id="settings"`, "train.batch", `id="numbers"`, "0.500–0.700", `id="curves"`, "Macro F1, validation", "Loss, train", `id="flips"`,
		`<a href="#gallery-1" data-filter="true:moderate">12</a>`, `<a href="#gallery-2" data-filter="true:moderate">1</a>`, `<a href="#gallery-1">12</a>`,
		"Fixed by b against a: 13 cases", `data-words="case:case_11 group:g true:moderate before:severe now:moderate level:l4_l5"`, "no run stored a picture of 1 case", "Broken by b against a: 1 case",
		`data-filter="level:l4_l5"`, `id="confusion"`} {
		i := strings.Index(page[at:], want)
		if i < 0 {
			t.Fatalf("%s is missing, or not in order", want)
		}
		at += i
	}
	if strings.Contains(page, `href="2026-11-24-c.html"`) {
		t.Error("a link to a report that is not there")
	}
	// The case that changed most comes first.
	if first, last := strings.Index(page, "case:case_11"), strings.Index(page, "case:case_0 "); first > last {
		t.Error("fixed cases are not in the order of the change")
	}
}

// TestComparisonOfMany: what is told of cases beside small pictures does not make a page large.
func TestComparisonOfMany(t *testing.T) {
	t.Parallel()
	c := sampleComparison(t, "")
	for i := range c.Flips[0].Cases {
		c.Flips[0].Cases[i].PNG = picture(t, i, 2)
	}
	for range 300 { // 13 pictures each
		c.Flips = append(c.Flips, c.Flips[0])
	}
	page := renderComparison(t, c)
	if len(page) > 6_000_000 || !strings.Contains(page, " pictures left out to keep this file small") {
		t.Errorf("%d bytes", len(page))
	}
	if n := strings.Count(page, `<li class="picture"`); n < 1000 {
		t.Errorf("%d pictures alone", n)
	}
}

// TestComparisonOfNothing: runs without epochs, settings or flips.
func TestComparisonOfNothing(t *testing.T) {
	t.Parallel()
	page := renderComparison(t, Comparison{ID: "x", Name: "n", Runs: []Compared{{Name: "a", Run: &results.RunRecord{}}}})
	if !strings.Contains(page, "no setting differs") || strings.Contains(page, `id="curves"`) {
		t.Error("empty sections are shown, or nothing says that no setting differs")
	}
}

func TestComparisonEscapes(t *testing.T) {
	t.Parallel()
	page := renderComparison(t, sampleComparison(t, hostile))
	for _, bad := range []string{"<script", "<img src=x", "ZgotmplZ"} {
		if i := strings.Index(page, bad); i >= 0 {
			t.Errorf("%q got through: %s", bad, page[max(0, i-200):i+40])
		}
	}
}

func sampleEntries(h string) (entries []Entry) {
	for i := range 30 {
		e := Entry{HasReport: i != 3, RunSummary: results.RunSummary{ID: fmt.Sprintf("2026-11-24-run-%d%s", i, h), Status: results.Done, Seed: uint64(i), Tags: []string{"paper" + h}, Note: "note" + h,
			Started: time.Date(2026, 11, 24, 3, i, 0, 0, time.UTC), Ended: time.Date(2026, 11, 24, 5, i+i, 0, 0, time.UTC)}}
		e.Watched = results.Watched{Series: "validation", Name: "macro_f1" + h, Title: "F1", Better: stage.HigherBetter}
		for k := range 40 {
			e.Watched.Values = append(e.Watched.Values, float64((k*7+i)%11))
		}
		for _, series := range []string{"validation", "test"} {
			e.Finals = append(e.Finals, stage.Scalar{Name: "loss", Series: series, Value: 0.5}, stage.Scalar{Name: "macro_f1" + h, Series: series, Value: float64(i) / 50})
		}
		if i == 4 {
			e.Status, e.FailureMessage, e.Finals = results.Failed, "out of memory"+h, nil
		}
		entries = append(entries, e)
	}
	return entries
}

// sampleListing has a trial that its sweep stopped early, too.
func sampleListing(h string) Listing {
	l := Listing{Runs: sampleEntries(h), Links: []Link{{"compare-a-b" + h, "compare-a-b.html"}}, Hidden: 12}
	if h != "" {
		l.Links[0].Href = "javascript:alert(1)"
	}
	l.Runs[5].Status, l.Runs[5].FailureMessage = results.Interrupted, "train: paused by the sweep"
	l.Runs[5].Trial = results.TrialRef{Sweep: "2026-11-24-wide" + h, Number: 7, State: results.Stopped, Reason: "stopped by median after epoch 3", Stopper: "median"}
	l.Sweeps = []SweepEntry{{SweepSummary: results.SweepSummary{ID: "2026-11-24-wide" + h, Status: results.SweepDone}, Trials: "9 done, 3 ended early" + h, Best: "validation.loss 0.25" + h, Link: "sweep-x.html"}}
	l.Sweeps[0].Purpose = "which loss" + h
	return l
}

func TestIndex(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", IndexFile)
	if err := WriteIndex(t.Context(), path, sampleListing("")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := ownScript(t, string(data))
	for _, want := range []string{`href="2026-11-24-run-2.html"`, "macro_f1 over epochs", ">macro_f1<", ">test.macro_f1<", ">loss<", `class="spark"`, "40 epochs", "#paper note", "out of memory", `class="status failed"`, `href="compare-a-b.html"`, `data-v="0.58"`,
		`class="status early">stopped early by median<`, "trial 7 of sweep 2026-11-24-wide", `href="sweep-x.html"`, "9 done, 3 ended early", "validation.loss 0.25",
		"The runs of sweeps, 12 in all"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(page, `href="2026-11-24-run-3.html"`) {
		t.Error("a link to a report that is not there")
	}
	for _, bad := range []string{"interrupted", "paused by the sweep"} {
		if strings.Contains(page, bad) {
			t.Errorf("a trial that ended early is called %q", bad)
		}
	}
	if outside.MatchString(base64Text.ReplaceAllString(page, "")) {
		t.Error("something is fetched from outside")
	}
}

func TestIndexEscapes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := AsFile.Index(&out, sampleListing(hostile)); err != nil {
		t.Fatal(err)
	}
	page := ownScript(t, out.String())
	for _, bad := range []string{"<script", "<img src=x", `href="javascript`} {
		if strings.Contains(page, bad) {
			t.Errorf("%q got through", bad)
		}
	}
}

func TestServedPagesFollow(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := Served.Index(&out, Listing{Runs: sampleEntries("")}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`data-live="/events"`, `connect-src &#39;self&#39;`, `href="/run/2026-11-24-run-2"`, `id="running"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestSpark(t *testing.T) {
	t.Parallel()
	if newSpark([]float64{1}, false) != nil || newSpark(nil, false) != nil {
		t.Error("one number is no line")
	}
	s := newSpark([]float64{0, 4, 2}, false)
	if s.Path != "M3,19L45,3L87,11" || s.X != 45 || s.Y != 3 || s.Describe != "from 0 to 2, best 4" {
		t.Errorf("got %+v", s)
	}
	if s := newSpark([]float64{0, 4, 2}, true); s.X != 3 {
		t.Errorf("the lowest is at %g", s.X)
	}
}

// TestComparisonWithoutBroken: what is empty has no card, and what is not there no filter.
func TestComparisonWithoutBroken(t *testing.T) {
	t.Parallel()
	c := sampleComparison(t, "")
	f := &c.Flips[0]
	f.Cases = slices.DeleteFunc(f.Cases, func(one Flipped) bool { return !one.Fixed })
	f.Tables = append(f.Tables, stage.Table{Name: "flips_by_side", Title: "By side", Columns: []string{"side", "fixed"}, Rows: [][]any{{"(none)", 2}, {"left", 1}}},
		stage.Table{Name: "flipped", Title: "Each case", Columns: []string{"case"}})
	page := renderComparison(t, c)
	for text, want := range map[string]bool{"Fixed by b against a": true, "Broken by": false, "Each case": false, `data-filter="side:left"`: true, `side:(none)`: false} {
		if strings.Contains(page, text) != want {
			t.Errorf("%q in the page: got %v, want %v", text, !want, want)
		}
	}
}
