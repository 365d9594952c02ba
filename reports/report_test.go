package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

var keep = flag.String("keep", "", "write the sample reports into this folder, to be looked at")

func render(t testing.TB, rec *results.RunRecord) string {
	t.Helper()
	var out bytes.Buffer
	if err := AsFile.Run(&out, rec); err != nil {
		t.Fatal(err)
	}
	if *keep != "" {
		path := filepath.Join(*keep, strings.ReplaceAll(t.Name(), "/", "-")+".html")
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// ownScript takes our script out of a page, which must hold it once, at the end.
func ownScript(t testing.TB, page string) string {
	t.Helper()
	script, err := readScript(scriptFiles)
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(page, "<script>"+string(script)+"</script>\n</body>")
	if !found || len(after) > 20 {
		t.Error("the page does not end with our script")
	}
	return before + after
}

func TestSample(t *testing.T) {
	t.Parallel()
	page := render(t, sample(t))
	order := []string{`class="headline"`, `id="training"`, `id="results"`, `id="data"`, `id="pictures"`, `id="events"`, `id="experiment"`, `id="environment"`}
	at := 0
	for _, want := range order {
		i := strings.Index(page[at:], want)
		if i < 0 {
			t.Fatalf("%s is missing or not in order", want)
		}
		at += i
	}
	for _, want := range []string{
		"frozen-then-top", "Does unfreezing", "2026-11-24-frozen-then-top", `class="status done"`, "cuda:0 (NVIDIA H100 80GB HBM3)", // head
		"24 Nov 2026, 21:04 UTC", "23 (phase top)", "2 warnings", ">0.5713<", "higher is better", "lower is better", // verdict
		"Focal loss", "Learning rate", "1e-5", "best epoch of a phase", "43.1 %", "2,104,323", "no better for 3 epochs", "Measured once", // training
		"Confusion, test", "3,391", "By condition, test", "ROC, validation", // results
		"Left out, and why", "point without a label", "26,413", // data
		"Most wrong, test", "data:image/png;base64,", "truth severe", // pictures
		"3637444890", "millimetres", "libtorch", "2.4.1&#43;cu124", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8", "103 MB", // end
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the report", want)
		}
	}
	if n := len(page); n > 2_000_000 {
		t.Errorf("the report has %d bytes", n)
	}
	for _, section := range []string{"training", "results", "data", "pictures", "events", "experiment", "environment"} {
		if !strings.Contains(page, `href="#`+section+`"`) {
			t.Errorf("no link to %s", section)
		}
	}
}

// outside finds what a browser would fetch.
var outside = regexp.MustCompile(`(?i)https?:|//[a-z]|@import|url\(|<link|<script [^>]*src|<iframe|<object|<embed|srcset|javascript:|src="[^d]|src="d[^a]|xlink|ZgotmplZ`)

// base64 may hold two slashes, also that of the script's hash.
var base64Text = regexp.MustCompile(`base64,[^"]*|sha256-[A-Za-z0-9+/=]*`)

func TestNothingFromOutside(t *testing.T) {
	t.Parallel()
	for name, rec := range map[string]*results.RunRecord{"sample": sample(t), "failed": failed(t)} {
		page := base64Text.ReplaceAllString(ownScript(t, render(t, rec)), "")
		if at := outside.FindStringIndex(page); at != nil {
			t.Errorf("%s: %q", name, page[max(0, at[0]-60):min(len(page), at[1]+60)])
		}
		for _, src := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(src[1], "#") && !strings.HasPrefix(src[1], "data:image/png;") {
				t.Errorf("%s: reference to %q", name, src[1])
			}
		}
	}
}

// Every element that is opened is closed, and no id stands twice.
func TestWellFormed(t *testing.T) {
	t.Parallel()
	page := render(t, sample(t))
	void := map[string]bool{"meta": true, "img": true, "path": true, "line": true, "circle": true}
	var open []string
	for _, tag := range regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(/?)>`).FindAllStringSubmatch(page, -1) {
		switch {
		case void[tag[2]] || tag[3] == "/":
		case tag[1] == "":
			open = append(open, tag[2])
		case len(open) == 0 || open[len(open)-1] != tag[2]:
			t.Fatalf("</%s> closes %v", tag[2], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) != 0 {
		t.Errorf("left open: %v", open)
	}
	ids := map[string]bool{}
	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[id[1]] {
			t.Errorf("id %s stands twice", id[1])
		}
		ids[id[1]] = true
	}
	for _, svg := range regexp.MustCompile(`<svg viewBox[^>]*>`).FindAllString(page, -1) {
		if !strings.Contains(svg, `role="img"`) || !strings.Contains(svg, `aria-label="`) {
			t.Errorf("%s has no description", svg)
		}
	}
	for _, img := range regexp.MustCompile(`<img[^>]*>`).FindAllString(page, -1) {
		if !strings.Contains(img, ` alt="`) {
			t.Error("a picture has no alt text")
		}
	}
}

// Text on a heat map must be readable at every strength of the colour, on light
// and dark pages: WCAG 2.2 asks for a contrast of 4.5.
func TestHeatContrast(t *testing.T) {
	t.Parallel()
	style, err := files.ReadFile("templates/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(style), "@media screen and (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark theme")
	}
	for theme, css := range map[string]string{"light": light, "dark": dark} {
		for _, name := range []string{"--heat", "--heat-below"} {
			for percent := range 101 {
				v := float64(percent) / 100
				text := "--heat-text"
				if v >= hot {
					text = "--on-heat"
				}
				page, colour := rgb(t, css, "--card"), rgb(t, css, name)
				for i := range page {
					page[i] += (colour[i] - page[i]) * v
				}
				if got := contrast(page, rgb(t, css, text)); got < 4.5 {
					t.Errorf("%s, %s at %.2f: contrast %.2f", theme, name, v, got)
				}
			}
		}
	}
}

func TestInkContrast(t *testing.T) {
	t.Parallel()
	style, err := files.ReadFile("templates/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(style), "@media screen and (prefers-color-scheme: dark)")
	for theme, css := range map[string]string{"light": light, "dark": dark} {
		want := map[string]float64{"--ink-100": 4.5, "--soft": 4.5, "--text": 7, "--link": 4.5, "--bad": 4.5, "--warn": 4.5, "--good": 4.5}
		for i := range inks {
			want[fmt.Sprintf("--ink-%d", i)] = 3
		}
		for name, least := range want {
			if got := contrast(rgb(t, css, "--card"), rgb(t, css, name)); got < least {
				t.Errorf("%s, %s: contrast %.2f, want %.1f", theme, name, got, least)
			}
		}
	}
}

// rgb reads a colour of a theme: #rrggbb or "r g b".
func rgb(t *testing.T, css, name string) (c [3]float64) {
	t.Helper()
	m := regexp.MustCompile(regexp.QuoteMeta(name) + `: (?:#(..)(..)(..)|(\d+) (\d+) (\d+));`).FindStringSubmatch(css)
	if m == nil {
		t.Fatalf("no colour %s", name)
	}
	for i := range c {
		text, base := m[1+i], 16
		if text == "" {
			text, base = m[4+i], 10
		}
		n, err := strconv.ParseUint(text, base, 8)
		if err != nil {
			t.Fatal(err)
		}
		c[i] = float64(n)
	}
	return c
}

// contrast is the contrast ratio of WCAG 2.2.
func contrast(a, b [3]float64) float64 {
	luminance := func(c [3]float64) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			v := c[i] / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum + 0.05
	}
	la, lb := luminance(a), luminance(b)
	return max(la, lb) / min(la, lb)
}

// hostile puts markup wherever a text may come from.
const hostile = `</style></title><script>alert("x")</script><img src=x onerror='y'>{{.}}`

func TestEscapes(t *testing.T) {
	t.Parallel()
	page := ownScript(t, render(t, hostileRun(t)))
	for _, bad := range []string{"<script", "<img src=x", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			i := strings.Index(page, bad)
			t.Errorf("%q got through: %s", bad, page[max(0, i-200):i+40])
		}
	}
	if n := strings.Count(page, "</style>"); n != 1 {
		t.Errorf("%d ends of style", n)
	}
	if !strings.Contains(page, "This picture cannot be read.") {
		t.Error("a picture that is none was not told")
	}
}

// hostileRun has hostile texts wherever a run may have one.
func hostileRun(t testing.TB) *results.RunRecord {
	t.Helper()
	return runOf(t, hostile)
}

// runOf is a run all of whose texts are the same one.
func runOf(t testing.TB, h string) *results.RunRecord {
	t.Helper()
	run, read := begin(t, results.RunInfo{Name: h, Purpose: h, File: h, Experiment: h + ": " + h + " # " + h, Fingerprint: h, Facts: []stage.Fact{{Name: h, Value: h}, {Name: "device", Value: h}}})
	lines := []stage.Line{{Label: h, X: []float64{0, 1, 2}, Y: []float64{0, 1, 2}}}
	classes, err := json.Marshal([]string{h})
	if err != nil {
		t.Fatal(err)
	}
	scalar := func(epoch int) stage.Scalar {
		return stage.Scalar{Name: h, Title: h, Series: h, Phase: h, Epoch: epoch, Step: epoch, Unit: h, Better: stage.Direction(h), Value: 1}
	}
	err = errors.Join(run.Record(t.Context(), scalar(1), scalar(2), scalar(stage.Final),
		stage.Scalar{Name: "once", Title: h, Series: h, Epoch: 1},
		stage.PhaseRecord{Name: h, Groups: []string{h}, FirstEpoch: 1, LastEpoch: 1, Ended: h},
		stage.PhaseRecord{Name: h, Index: 1, FirstEpoch: 2, LastEpoch: 2, BestEpoch: 2},
		stage.Curve{Name: h, Title: h, Section: h, XLabel: h, YLabel: h, Lines: lines},
		stage.Matrix{Name: h, Title: h, Section: h, RowsTitle: h, ColumnTitle: h, Rows: []string{h}, Columns: []string{h}, Values: [][]float64{{1}}},
		stage.Table{Name: h, Title: h, Section: "data", Columns: []string{h}, Rows: [][]any{{h}}},
		stage.Bars{Name: h, Title: h, Section: "data", YLabel: h, Categories: []string{h}, Groups: []stage.BarGroup{{Label: h, Values: []float64{1}}}},
		stage.Scatter{Name: h, Title: h, Section: h, Note: h, Points: []stage.ScatterPoint{{X: 1, Y: 2, Cases: []string{h}}, {Cases: []string{h, h}}}},
		stage.Gallery{Name: h, Title: h, Pictures: []stage.Picture{{Caption: h, PNG: picture(t, 1, 8), Case: h, Overlay: picture(t, 2, 4)}, {Caption: h, PNG: []byte(h), Overlay: []byte(h)}},
			Cell: &stage.Cell{Matrix: h, Row: h, Column: h}},
		stage.Event{Level: h, Stage: h, Text: h}, stage.Artefact{Kind: h, Path: h, SHA256: h},
		stage.Fact{Name: "classes", Value: string(classes)},
		stage.Prediction{CaseID: h, Group: h, Split: stage.Split(h), Phase: h, Probabilities: []float64{1}, Tags: map[string]string{h: h}}), run.Finish(t.Context(), results.Failed, errors.New(h)))
	if err != nil {
		t.Fatal(err)
	}
	return read()
}

func TestFailedRun(t *testing.T) {
	t.Parallel()
	page := render(t, failed(t))
	for _, want := range []string{"This run failed", "the device has no memory left", "hint: halve train.batch", "Nothing was recorded for: training, results, pictures.", "Left out, and why", "1 error<"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, bad := range []string{`href="#training"`, `class="headline"`} {
		if strings.Contains(page, bad) {
			t.Errorf("there is %q", bad)
		}
	}
	if i, j := strings.Index(page, "This run failed"), strings.Index(page, `id="data"`); i > j {
		t.Error("the failure is not at the top")
	}
}

func TestEveryStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[results.Status]string{
		results.Running: "still going on", results.Interrupted: "was interrupted", results.Lost: "process 0 on ", results.Failed: "This run failed: timeout",
	} {
		page := render(t, &results.RunRecord{RunSummary: results.RunSummary{Status: status, FailureKind: "timeout"}})
		if !strings.Contains(page, want) {
			t.Errorf("%s: no %q", status, want)
		}
	}
	if page := render(t, &results.RunRecord{RunSummary: results.RunSummary{Status: results.Done}}); strings.Contains(page, `class="alert"`) {
		t.Error("a good run has an alert")
	}
	of := func(why string, trial results.TrialRef) string {
		return render(t, &results.RunRecord{RunSummary: results.RunSummary{ID: "x-1", Status: results.Interrupted, File: "x.yaml", FailureMessage: why, Trial: trial}})
	}
	if page := of("train: stopped by interrupt", results.TrialRef{}); !strings.Contains(page, "runner run x.yaml --resume x-1") {
		t.Error("the report of an interrupted run does not say how to go on")
	}
	stopped := results.TrialRef{Sweep: "s", Number: 3, State: results.Paused, Reason: "waits at the rung of epoch 2", SweepStatus: results.SweepDone, Stopper: "asha"}
	page := of("train: paused by the sweep", stopped)
	if strings.Contains(page, "--resume x-1") {
		t.Error("a trial is not gone on with by hand")
	}
	if strings.Contains(page, "nterrupted") || !strings.Contains(page, "This run is trial 3 of sweep s: stopped early by asha") {
		t.Error("a trial that was stopped early is called interrupted")
	}
}

// Ragged and empty shapes come from mistakes elsewhere; they must not end a
// report.
func TestOddShapes(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	rec := &results.RunRecord{Figures: []stage.Record{
		stage.Curve{Name: "no line"}, stage.Curve{Name: "all NaN", Lines: []stage.Line{{X: []float64{1, 2}, Y: []float64{nan, nan}}}},
		stage.Curve{Name: "ragged", Lines: []stage.Line{{X: []float64{1}, Y: []float64{1, 2}}, {X: []float64{1, 2, 3}}}},
		stage.Curve{Name: "one point", Lines: []stage.Line{{X: []float64{5}, Y: []float64{0}}}},
		stage.Curve{Name: "huge", Lines: []stage.Line{{X: []float64{-math.MaxFloat64, math.MaxFloat64}, Y: []float64{-math.MaxFloat64, math.MaxFloat64}}}},
		stage.Curve{Name: "tiny", Lines: []stage.Line{{X: []float64{1, 1 + 1e-16}, Y: []float64{5e-324, 1e308}}}},
		stage.Curve{Name: "infinite", Lines: []stage.Line{{X: []float64{1, 2, 3}, Y: []float64{1, math.Inf(1), 2}}}},
		stage.Matrix{Name: "empty"}, stage.Matrix{Name: "ragged", Rows: []string{"a"}, Columns: []string{"a"}, Values: [][]float64{{nan, -1}, {}}},
		stage.Matrix{Name: "zero", Rows: []string{"a"}, Columns: []string{"a"}, Values: [][]float64{{0}}},
		stage.Table{Name: "empty"}, stage.Table{Name: "ragged", Columns: []string{"a"}, Rows: [][]any{{}, {1, 2.5, "x", nil}}},
		stage.Bars{Name: "empty"}, stage.Bars{Name: "ragged", Categories: []string{"a", "b"}, Groups: []stage.BarGroup{{Values: []float64{nan}}, {}}},
		stage.Scatter{Name: "empty"}, stage.Scatter{Name: "nowhere", Points: []stage.ScatterPoint{{X: nan, Y: math.Inf(1)}}}, stage.Scatter{Name: "far", Points: []stage.ScatterPoint{{X: -1e99}, {X: 1e99}, {}}},
		stage.Gallery{Name: "empty"}, stage.Gallery{Name: "no picture", Pictures: []stage.Picture{{}}},
	}, Scalars: []stage.Scalar{{Name: "x", Epoch: 1, Value: nan}, {Name: "x", Epoch: 2, Value: nan}, {Name: "y", Epoch: 1, Value: nan}},
		Phases: []stage.PhaseRecord{{Name: "a"}, {Name: "b"}}}
	page := render(t, rec)
	for _, want := range []string{"all NaN", "ragged", "huge", "1 point is not a finite number", "There is no finite number to draw."} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(page, "NaN,") || strings.Contains(page, "Inf,") {
		t.Error("a path holds a number that is none")
	}
}

func TestSizeStaysSmall(t *testing.T) {
	t.Parallel()
	g := stage.Gallery{Name: "g"}
	for i := range 200 {
		g.Pictures = append(g.Pictures, stage.Picture{PNG: picture(t, i, 256)})
	}
	long := stage.Line{Label: "noise"}
	noise := stage.Rand(1, "noise")
	for i := range 100_000 {
		long.X, long.Y = append(long.X, float64(i)), append(long.Y, noise.Float64())
	}
	table := stage.Table{Name: "t", Columns: []string{"a"}, Note: "what a is"}
	for i := range 10_000 {
		table.Rows = append(table.Rows, []any{i})
	}
	page := render(t, &results.RunRecord{Figures: []stage.Record{g, stage.Curve{Name: "c", Lines: []stage.Line{long}}, table}})
	if n := len(page); n > 5_000_000 {
		t.Errorf("the report has %d bytes", n)
	}
	for _, want := range []string{"pictures left out", "what a is; the first 200 of 10,000 rows"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestSameRunSameBytes(t *testing.T) {
	t.Parallel()
	rec := sample(t)
	if a, b := render(t, rec), render(t, rec); a != b {
		t.Error("two drawings differ")
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "out", "run.html")
	rec := failed(t)
	for range 2 { // the second time over the first
		if err := Write(t.Context(), rec, path); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || !bytes.HasSuffix(bytes.TrimSpace(text), []byte("</html>")) {
		t.Errorf("got %d bytes, %v", len(text), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := Write(t.Context(), rec, filepath.Join(path, "no-folder.html")); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRender(b *testing.B) {
	rec := sample(b)
	for b.Loop() {
		if err := AsFile.Run(&bytes.Buffer{}, rec); err != nil {
			b.Fatal(err)
		}
	}
}

// What the numbers are means over stands in the head, and nothing where nobody says so.
func TestHeadSaysWhatNumbersAre(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"means over target (14)": true, "": false} {
		run, read := begin(t, results.RunInfo{Name: "chest"})
		if value != "" {
			if err := run.Record(t.Context(), stage.Fact{Name: "numbers", Value: value}); err != nil {
				t.Fatal(err)
			}
		}
		if got := slices.Contains(headFacts(read()), stage.Fact{Name: "numbers", Value: "means over target (14)"}); got != want {
			t.Errorf("%q: got %v", value, headFacts(read()))
		}
	}
}

// TestEnsemble: an ensemble has a section of its own before the results, nothing of it was
// watched in training, and a fact for programs is not shown whole.
func TestEnsemble(t *testing.T) {
	t.Parallel()
	run, loaded := begin(t, results.RunInfo{Name: "blend", Experiment: "ensemble:\n  monitor: validation.loss\n"})
	err := run.Record(t.Context(), stage.Fact{Name: results.EnsembleFact, Value: `["a", "b"]`}, stage.Fact{Name: "training classes", Value: strings.Repeat("x", 5000)},
		stage.Scalar{Name: "loss", Title: "Loss", Series: "validation", Epoch: stage.Final, Value: 0.5},
		stage.Table{Name: "by_level", Title: "By level", Section: "results", Columns: []string{"level"}, Rows: [][]any{{"l1"}}},
		stage.Table{Name: "members", Title: "Members", Section: "ensemble", Columns: []string{"run"}, Rows: [][]any{{"a"}}})
	if err != nil {
		t.Fatal(err)
	}
	page := render(t, loaded())
	first, second := strings.Index(page, ">Members<"), strings.Index(page, ">By level<")
	if first < 0 || second < first {
		t.Errorf("members at %d, results at %d", first, second)
	}
	if !strings.Contains(page, "Loss is what decides") || strings.Contains(page, "what training watched") {
		t.Error("the note of the numbers is that of a training")
	}
	if strings.Contains(page, strings.Repeat("x", 400)) || !strings.Contains(page, "5,000 letters") {
		t.Error("a long fact is shown whole")
	}
}

// TestDataInOrder: who is in the data comes before what was found in it, and both before where
// its images came from, however they were recorded.
func TestDataInOrder(t *testing.T) {
	t.Parallel()
	rec := &results.RunRecord{}
	for _, name := range []string{"preprocess_steps", "audit", "new", "balance", "splits"} {
		rec.Figures = append(rec.Figures, stage.Table{Name: name, Title: "table " + name, Section: "data", Columns: []string{"a"}, Rows: [][]any{{1}}})
	}
	var page bytes.Buffer
	if err := AsFile.Run(&page, rec); err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, name := range []string{"splits", "balance", "audit", "preprocess_steps", "new"} {
		next := strings.Index(page.String()[at:], "<h3>table "+name)
		if next < 0 {
			t.Fatalf("%s does not come in its turn", name)
		}
		at += next
	}
}
