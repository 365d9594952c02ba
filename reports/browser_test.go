package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"vertebra/stages/stage"
)

// browser is a headless Chromium without a network. Whatever a page complains
// about, asks for or pops up is noted.
type browser struct {
	context.Context
	t *testing.T

	lock     sync.Mutex
	trouble  []string
	requests []string
}

// chromium is started by the first test that needs it, and stopped when all are
// through.
var (
	chromium     = sync.OnceValues(startChromium)
	stopChromium = func() {}
)

func TestMain(m *testing.M) {
	code := m.Run()
	stopChromium()
	os.Exit(code)
}

func startChromium() (context.Context, error) {
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		return nil, exec.ErrNotFound
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.WindowSize(1280, 900))
	ctx, stopAll := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopFirst := chromedp.NewContext(ctx)
	stopChromium = func() { stopFirst(); stopAll() }
	return ctx, chromedp.Do(ctx) // starts it
}

// newBrowser is a tab of its own. It skips the test where there is no Chromium.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	parent, err := chromium()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("no Chromium is installed, so pages are not tried in a browser: apt-get install chromium")
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, stopTab := chromedp.NewContext(parent)
	t.Cleanup(stopTab)
	b := &browser{Context: ctx, t: t}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, e1 := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
		_, e2 := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
		_, e3 := cdp.Call(ctx, tab, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: true})
		return errors.Join(e1, e2, e3)
	}))
	return b
}

func (b *browser) hear(event any) {
	b.lock.Lock()
	defer b.lock.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.trouble = append(b.trouble, fmt.Sprintf("exception: %+v", e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.trouble = append(b.trouble, fmt.Sprintf("console: %v", e.Args))
		}
	case *log.EventEntryAdded:
		b.trouble = append(b.trouble, "log: "+e.Entry.Text)
	case *cdppage.EventJavascriptDialogOpening:
		b.trouble = append(b.trouble, "dialog: "+e.Message)
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open draws a page into a file and loads it.
func (b *browser) open(draw func(io.Writer) error) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "page.html")
	f, err := os.Create(path)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := draw(f); err != nil {
		b.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Navigate((&url.URL{Scheme: "file", Path: path}).String()), chromedp.WaitReady(chromedp.CSS("html.ready")))
}

// eval gives the value of an expression of the page.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// write replaces what stands in a field.
func (b *browser) write(field, text string) {
	b.t.Helper()
	eval[any](b, fmt.Sprintf(`(() => { const f = document.querySelector(%q); f.value = ""; f.dispatchEvent(new Event("input")); f.focus(); return 1; })()`, field))
	if text != "" {
		b.do(chromedp.KeyEvent(text))
	}
}

func (b *browser) want(what, script string, want any) {
	b.t.Helper()
	if got := fmt.Sprint(eval[any](b, script)); got != fmt.Sprint(want) {
		b.t.Errorf("%s: got %s, want %v", what, got, want)
	}
}

// quiet says that nothing was complained about, and nothing asked for but the page
// and what it holds.
func (b *browser) quiet() {
	b.t.Helper()
	b.lock.Lock()
	defer b.lock.Unlock()
	if len(b.trouble) > 0 {
		b.t.Errorf("the page complains: %q", b.trouble)
	}
	for _, r := range b.requests {
		if !strings.HasPrefix(r, "file:///") && !strings.HasPrefix(r, "data:") {
			b.t.Errorf("the page asks for %.200s", r)
		}
	}
}

const visible = `[...document.querySelectorAll(%q)].filter(e => !e.hidden).length`

func TestReportInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	rec := sample(t)
	rec.Facts = append(rec.Facts, stage.Fact{Name: "classes", Value: `["normal_mild","moderate","severe"]`})
	var cell stage.Gallery
	for i, p := range rec.Predictions[:12] {
		cell.Pictures = append(cell.Pictures, stage.Picture{Caption: "case " + p.CaseID, PNG: picture(t, i, 48), Case: p.CaseID, Overlay: picture(t, i, 4)})
	}
	cell.Name, cell.Title, cell.Cell = "cell", "normal_mild taken for moderate", &stage.Cell{Matrix: "Confusion, test", Row: "normal_mild", Column: "moderate"}
	rec.Figures = append(rec.Figures, cell)
	b.open(func(w io.Writer) error { return AsFile.Run(w, rec) })

	// Sorting: by number, first the highest, then the lowest; what is missing stays last.
	const table = `table.data[aria-label="By condition, test"]`
	first := `document.querySelector('` + table + ` tbody tr').cells[0].textContent`
	last := `[...document.querySelectorAll('` + table + ` tbody tr')].pop().cells[0].textContent`
	b.do(chromedp.Click(chromedp.CSS(table + ` thead th:nth-child(6) button`)))
	b.want("highest recall first", first, "spinal_canal_stenosis")
	b.want("missing last", last, "left_subarticular_stenosis")
	b.do(chromedp.Click(chromedp.CSS(table + ` thead th:nth-child(6) button`)))
	b.want("lowest recall first", first, "left_neural_foraminal_narrowing")
	b.want("missing still last", last, "left_subarticular_stenosis")
	b.want("said to be sorted", `document.querySelector('`+table+` thead th:nth-child(6)').getAttribute("aria-sort")`, "ascending")

	// Copying.
	b.do(chromedp.Click(chromedp.CSS(table + ` thead th:nth-child(1) button`)))
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("button.copy")].find(b => b.closest(".card") && b.closest(".card").querySelector('` + table + `')).click()`))
	b.do(chromedp.Poll[chromedp.Void](`[...document.querySelectorAll("button.copy")].some(b => b.textContent === "copied")`))

	// As Markdown, in the order in which the rows stand.
	b.do(chromedp.Evaluate[chromedp.Void](`window.copied = ""; navigator.clipboard.writeText = async text => { window.copied = text; };
		[...document.querySelectorAll("button.copy")].find(b => b.closest(".card") && b.closest(".card").querySelector('` + table + `')).dispatchEvent(new MouseEvent("click", { shiftKey: true }))`))
	lines := strings.Split(eval[string](b, `window.copied`), "\n")
	if rows := eval[int](b, `document.querySelectorAll('`+table+` tbody tr').length`); len(lines) != rows+2 || !strings.HasPrefix(lines[0], "| condition | ") || !strings.HasPrefix(lines[1], "| --- | --- | ") || !strings.HasPrefix(lines[2], "| "+eval[string](b, first)+" | ") {
		t.Errorf("%d rows are copied as %q", rows, lines)
	}

	// Values under the pointer, and zoom.
	const plot = `figure.plot svg[data-plot]`
	b.do(chromedp.ScrollIntoView(chromedp.CSS(plot)))
	box := eval[[]float64](b, `(() => { const r = document.querySelector("`+plot+`").getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`)
	at := func(share float64) (x, y float64) { return box[0] + box[2]*share, box[1] + box[3]*0.5 }
	x, y := at(0.5)
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
	b.want("the tip shows", `document.querySelector("figure.plot .tip").hidden`, false)
	if tip := eval[string](b, `document.querySelector("figure.plot .tip").textContent`); !strings.Contains(tip, "epoch") || !strings.Contains(tip, "validation") {
		t.Errorf("the tip says %q", tip)
	}
	x2, _ := at(0.8)
	b.do(chromedp.MouseEvent(chromedp.MousePressed, x, y, chromedp.ButtonLeft), chromedp.MouseEvent(chromedp.MouseMoved, x2, y, chromedp.ButtonLeft), chromedp.MouseEvent(chromedp.MouseReleased, x2, y, chromedp.ButtonLeft))
	b.want("zoomed", `document.querySelector("`+plot+`").classList.contains("zoomed")`, true)
	b.do(chromedp.Focus(chromedp.CSS(plot)), chromedp.KeyEvent("0"))
	b.want("all shown again", `document.querySelector("`+plot+`").classList.contains("zoomed")`, false)
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	b.want("arrow keys tell values", `document.querySelector("figure.plot .tip").hidden`, false)

	// The cell of a matrix leads to its pictures, which open, move and filter.
	b.do(chromedp.Click(chromedp.CSS(`.matrix td a`)))
	gallery := `#` + eval[string](b, `document.querySelector(":target").id`)
	b.want("the gallery of the cell", `document.querySelector(":target h3").textContent`, cell.Title)
	b.do(chromedp.Click(chromedp.CSS(gallery + ` li:nth-child(2) summary`)))
	open := `[...document.querySelectorAll("` + gallery + ` details")].map(d => d.open).indexOf(true)`
	b.want("the second is open", open, 1)
	b.want("probabilities of each class", `document.querySelectorAll("`+gallery+` details[open] .chances tr").length`, 3)
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	b.want("the third is open", open, 2)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.want("none is open", open, -1)
	heat := `getComputedStyle(document.querySelector("` + gallery + ` .heatmap")).display`
	b.want("the heat shows", heat, "block")
	b.do(chromedp.Click(chromedp.CSS(gallery + ` .heats`)))
	b.want("the heat is off", heat, "none")
	b.do(chromedp.SendKeys(chromedp.CSS(gallery+` input[type=search]`), "case:"+cell.Pictures[3].Case))
	if n := eval[int](b, fmt.Sprintf(visible, gallery+" li.picture")); n < 1 || n >= 12 {
		t.Errorf("the filter leaves %d of 12 pictures", n)
	}
	b.quiet()
}

// TestScatterInBrowser: points change colours, go at the legend's word, tell their case with
// its picture, and lead to it.
func TestScatterInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	site := func(name string) map[string]string { return map[string]string{"site": name} }
	rec := spread(saidOf("one", 0, []float64{0.9, 0.1, 0}, site("Ulm")), saidOf("two", 2, []float64{0.2, 0.7, 0.1}, site("Aix")), saidOf("three", 2, []float64{0, 0, 1}, site("Aix")))
	rec.Figures = append(rec.Figures, stage.Gallery{Name: "g", Title: "worst", Pictures: []stage.Picture{{Caption: "case two", PNG: picture(t, 1, 48), Case: "two"}}})
	b.open(func(w io.Writer) error { return AsFile.Run(w, rec) })
	const two, faint = `document.querySelector('circle[data-case="two"]')`, `[...document.querySelectorAll("circle.faint")].map(d => d.dataset.case).join(" ")`
	b.want("by class", two+`.classList.contains("fill-1")`, true)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector(".scatter select"); s.value = [...s.options].find(o => o.text === "site").value; s.dispatchEvent(new Event("change")); })()`))
	b.want("by site", two+`.classList.contains("fill-0") && !`+two+`.classList.contains("fill-1")`, true)
	b.want("the legend follows", `[...document.querySelectorAll(".scatter .legend li")].map(e => e.textContent.trim()).join(", ")`, "Aix 2, Ulm 1, not recognised")
	b.do(chromedp.Click(chromedp.CSS(`.scatter .legend button`)))
	b.want("those of Aix are gone", faint, "three two")
	b.do(chromedp.Click(chromedp.CSS(`.scatter .legend button`)))
	b.want("and are back", faint, "")
	b.do(chromedp.Evaluate[chromedp.Void](two + `.dispatchEvent(new Event("pointerover", { bubbles: true }))`))
	b.want("the tip", `document.querySelector(".scatter .tip").textContent`, "two · c → b 0.70")
	b.want("with the picture", `document.querySelector(".scatter .tip img").src === document.querySelector("li.picture img").src`, true)
	b.do(chromedp.Evaluate[chromedp.Void](two + `.dispatchEvent(new Event("click", { bubbles: true }))`))
	b.want("the picture is open", `document.querySelector("li.picture details").open`, true)

	// Arrow keys go from point to point, over those that are hidden.
	b.do(chromedp.Focus(chromedp.CSS(`.scatter svg`)), chromedp.KeyEvent(kb.ArrowRight))
	const at = `document.querySelector("circle.at").dataset.case`
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
	b.want("the last point", at, "three")
	b.do(chromedp.KeyEvent(kb.ArrowLeft))
	b.want("the one before", at, "two")
	b.want("is told", `document.querySelector(".scatter .tip").textContent`, "two · c → b 0.70")
	b.do(chromedp.Click(chromedp.CSS(`.scatter .legend li:nth-child(1) button`)), chromedp.Focus(chromedp.CSS(`.scatter svg`)), chromedp.KeyEvent(kb.ArrowRight))
	b.want("without those of Aix", at, "one")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.want("nothing is told", `document.querySelector(".scatter .tip").hidden`, true)
	b.quiet()
}

// TestScatterOfTargetsInBrowser: rings tell of the target by which points are coloured.
func TestScatterOfTargetsInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	of := func(target, site string) map[string]string {
		return map[string]string{stage.TargetTag: target, "site": site}
	}
	rec := spread(saidOf("s/x", 0, []float64{0.9, 0.1, 0}, of("x", "Ulm")), saidOf("s/y", 1, []float64{0.9, 0.1, 0}, of("y", "Ulm")), saidOf("r/x", 1, []float64{0.1, 0.9, 0}, of("x", "Aix")))
	rec.Figures = []stage.Record{stage.Scatter{Name: "alike", Points: []stage.ScatterPoint{{Cases: []string{"s/x", "s/y"}}, {X: 1, Cases: []string{"r/x"}}}}}
	b.open(func(w io.Writer) error { return AsFile.Run(w, rec) })
	rings := `[...document.querySelectorAll("circle.wrong")].map(d => d.dataset.case).join(" ")`
	for _, c := range []struct{ by, want string }{{"x", ""}, {"y", "s/x"}, {"x", ""}, {"site", "s/x"}} {
		b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector(".scatter select"); s.value = [...s.options].find(o => o.text === "` + c.by + `").value; s.dispatchEvent(new Event("change")); })()`))
		b.want("rings by "+c.by, rings, c.want)
	}
	b.quiet()
}

func TestComparisonInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open(func(w io.Writer) error { return AsFile.Comparison(w, sampleComparison(t, "")) })
	b.want("pictures of fixed cases", fmt.Sprintf(visible, "#gallery-1 li.picture"), 12)
	b.do(chromedp.Click(chromedp.CSS(`#flips a[data-filter="true:moderate"]`)))
	b.want("the link filters", `document.querySelector("#gallery-1 input[type=search]").value`, "true:moderate")
	b.want("all are moderate", fmt.Sprintf(visible, "#gallery-1 li.picture"), 12)
	b.write("#gallery-1 input[type=search]", "true:severe")
	b.want("none is severe", fmt.Sprintf(visible, "#gallery-1 li.picture"), 0)
	b.write("#gallery-1 input[type=search]", "now:moderate case_7")
	b.want("one case", fmt.Sprintf(visible, "#gallery-1 li.picture"), 1)
	b.do(chromedp.Click(chromedp.CSS(`#gallery-1 li.picture:not([hidden]) summary`)))
	b.want("both runs' probabilities", `document.querySelectorAll("#gallery-1 details[open] .chances tr").length`, 6)
	b.do(chromedp.Click(chromedp.CSS(`#runs thead th button`)))
	b.want("sorted by name", `document.querySelector("#runs thead th").getAttribute("aria-sort")`, "ascending")
	b.quiet()
}

func TestIndexInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open(func(w io.Writer) error { return AsFile.Index(w, Listing{Runs: sampleEntries("")}) })
	b.want("all runs", fmt.Sprintf(visible, "#runs tbody tr"), 30)
	filter := func(text string) {
		b.write("#runs input[type=search]", text)
	}
	filter("done macro_f1>=0.5")
	b.want("by number", fmt.Sprintf(visible, "#runs tbody tr"), 5)
	b.want("counted", `document.querySelector("#runs .count").textContent`, "5 of 30")
	filter("status=failed")
	b.want("by status", fmt.Sprintf(visible, "#runs tbody tr"), 1)
	filter("")
	b.do(chromedp.Click(`//th[button[text()="macro_f1"]]/button`))
	b.want("best first", `document.querySelector("#runs tbody tr a").textContent`, "2026-11-24-run-29")
	b.do(chromedp.Click(chromedp.CSS(`#runs tbody tr:nth-child(1) input[type=checkbox]`)), chromedp.Click(chromedp.CSS(`#runs tbody tr:nth-child(2) input[type=checkbox]`)))
	b.want("what to type", `document.querySelector(".chosen-runs code").textContent`, "runner compare 2026-11-24-run-29 2026-11-24-run-28")
	b.quiet()
}

// TestHostileInBrowser: texts of the data that are HTML and script are text, also
// after the script of the page had them in its hands.
func TestHostileInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	for name, draw := range map[string]func(io.Writer) error{
		"comparison": func(w io.Writer) error { return AsFile.Comparison(w, sampleComparison(t, hostile)) },
		"index":      func(w io.Writer) error { return AsFile.Index(w, sampleListing(hostile)) },
		"report":     func(w io.Writer) error { return AsFile.Run(w, hostileRun(t)) },
		"sweep":      func(w io.Writer) error { return AsFile.Sweep(w, hostileSweep()) },
	} {
		b.open(draw)
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("th button.sort, button.copy, summary, #runs input").forEach(e => e.click())`))
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("svg[data-plot]").forEach(s => { s.focus(); for (const key of ["ArrowRight", "+"]) s.dispatchEvent(new KeyboardEvent("keydown", { key })); })`))
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("circle.dot").forEach(d => ["pointerover", "click"].forEach(kind => d.dispatchEvent(new Event(kind, { bubbles: true }))));
			document.querySelectorAll(".scatter select").forEach(s => { s.selectedIndex = s.length - 1; s.dispatchEvent(new Event("change")); });
			document.querySelectorAll(".scatter .legend button").forEach(e => e.click())`))
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".handle").forEach(h => h.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" })));
			document.querySelectorAll("svg [data-trial]").forEach(m => m.dispatchEvent(new PointerEvent("pointerover", { bubbles: true })))`))
		b.want(name+": scripts", `document.scripts.length`, 1)
		b.want(name+": pictures that are none", `document.querySelectorAll('img[src="x"]').length`, 0)
		if !strings.Contains(eval[string](b, `document.body.textContent`), hostile) {
			t.Errorf("%s: the text is not shown", name)
		}
	}
	b.quiet()
}
