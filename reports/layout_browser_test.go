package reports

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"vertebra/stages/stage"
)

// longName is a name as tables of radiologists have them: nowhere to break it.
var longName = "class_" + strings.Repeat("with_a_long_name_", 4) + "00"

func (b *browser) resize(width int64) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1})
		return err
	}))
}

func (b *browser) print() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	}))
}

// spilling lists texts that lie outside what holds them.
const spilling = `[...document.querySelectorAll("h1, .card h3, figcaption, .legend li, .findings li, .verdict, .remarks li, .matrix th, .bars th, .caption, .facts dd")]
	.filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline").map(e => e.className + " " + e.tagName + ": " + e.textContent.slice(0, 40)).join("; ")`

// wider lists what makes a page wider than its window.
const wider = `document.documentElement.scrollWidth <= innerWidth ? "" : [...document.querySelectorAll("body *")].filter(e => e.checkVisibility({contentVisibilityAuto: true}) && e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, .plot.wide, pre, svg, .away"))
	.map(e => e.tagName + "." + e.className + ": " + e.textContent.slice(0, 40)).slice(0, 8).join("; ") || document.documentElement.scrollWidth + " of " + innerWidth`

// TestLayoutInBrowser: long names, narrow windows and paper: no page is wider than its window,
// and no text lies over another.
func TestLayoutInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	sweep := sampleSweep()
	sweep.Verdicts = append(sweep.Verdicts, Verdict{Kind: "better", Text: strings.Repeat("trial 17 is better than trial 22 by 0.023 in RSNA log loss ", 4)})
	for name, draw := range map[string]func(io.Writer) error{
		"report":     func(w io.Writer) error { return AsFile.Run(w, runOf(t, longName)) },
		"comparison": func(w io.Writer) error { return AsFile.Comparison(w, sampleComparison(t, longName)) },
		"sweep":      func(w io.Writer) error { return AsFile.Sweep(w, sweep) },
		"index":      func(w io.Writer) error { return AsFile.Index(w, sampleListing(longName)) },
	} {
		b.open(draw)
		for _, width := range []int64{360, 390, 768, 1280, 1920} {
			b.resize(width)
			b.want(fmt.Sprintf("%s at %d: wider than the window", name, width), wider, "")
			b.want(fmt.Sprintf("%s at %d: texts that spill over", name, width), spilling, "")
			b.want(fmt.Sprintf("%s at %d: first columns that are not kept in place", name, width), drifting, "")
		}
	}
	b.quiet()
}

// drifting lists tables whose first column leaves when they are scrolled to their end.
const drifting = `[...document.querySelectorAll(".scroll")].filter(box => box.checkVisibility({contentVisibilityAuto: true}) && box.scrollWidth > box.clientWidth + 1).filter(box => {
		box.scrollLeft = box.scrollWidth;
		const firsts = [...box.querySelectorAll("thead tr:last-child > :first-child, tbody tr > :first-child")].filter(e => e.offsetParent && !e.closest(".matrix thead, .bars thead"));
		const left = firsts.some(e => Math.abs(e.getBoundingClientRect().left - box.getBoundingClientRect().left) > 2);
		box.scrollLeft = 0;
		return left;
	}).map(box => box.getAttribute("aria-label")).join("; ")`

// sheet is the width of a sheet of A4 without its margins, in pixels of CSS.
const sheet = 718

// TestSheetsInBrowser: nothing is cut off at the edge of a sheet of paper, also where a sweep varies
// more settings than a sheet has room for.
func TestSheetsInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	for name, draw := range map[string]func(io.Writer) error{
		"report":     func(w io.Writer) error { return AsFile.Run(w, sample(t)) },
		"comparison": func(w io.Writer) error { return AsFile.Comparison(w, sampleComparison(t, "")) },
		"sweep":      func(w io.Writer) error { return AsFile.Sweep(w, wideSweep(60, 11)) },
		"index":      func(w io.Writer) error { return AsFile.Index(w, sampleListing("")) },
	} {
		b.resize(sheet)
		b.open(draw)
		b.print()
		b.want(name+": cut off by the edge of the sheet", wider, "")
		b.want(name+": tables that leave their cards", `[...document.querySelectorAll(".card table, .card svg")].filter(e => e.checkVisibility({contentVisibilityAuto: true}) && e.getBoundingClientRect().right > e.closest(".card").getBoundingClientRect().right + 1).map(e => e.getAttribute("aria-label")).join("; ")`, "")
		b.want(name+": what asks to be clicked", `[...document.querySelectorAll(".tools, nav, .smooth")].filter(e => e.checkVisibility()).length`, 0)
	}
	b.quiet()
}

// TestGalleryOnPaperInBrowser: on paper pictures stand with their case and what was said of
// them, each in its own place.
func TestGalleryOnPaperInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	rec := sample(t)
	rec.Facts = append(rec.Facts, stage.Fact{Name: "classes", Value: `["normal_mild","moderate","severe"]`})
	gallery := stage.Gallery{Name: "mistakes", Title: "moderate taken for severe, validation"}
	for i, p := range rec.Predictions[:4] {
		gallery.Pictures = append(gallery.Pictures, stage.Picture{Caption: "case " + p.CaseID, PNG: picture(t, i, 48), Case: p.CaseID})
	}
	rec.Figures = append(rec.Figures, gallery)
	b.open(func(w io.Writer) error { return AsFile.Run(w, rec) })
	b.print()
	b.want("pictures", `[...document.querySelectorAll(".gallery li.picture")].length > 4`, true)
	b.want("what leaves its picture's place", `[...document.querySelectorAll(".gallery li.picture")].flatMap(li => [...li.querySelectorAll("*")]
		.filter(e => e.checkVisibility({contentVisibilityAuto: true}) && !e.closest(".away") && e.getBoundingClientRect().width && e.getBoundingClientRect().right > li.getBoundingClientRect().right + 1)).length`, 0)
	b.want("its case is told", `[...document.querySelectorAll(".gallery li.picture .facts dd")].some(e => e.offsetParent)`, true)
	b.quiet()
}

// TestHeadlineOnPaperInBrowser: what stands beside the title of the final numbers on a screen is
// missing on paper, and the numbers stay below the title.
func TestHeadlineOnPaperInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open(func(w io.Writer) error { return AsFile.Run(w, sample(t)) })
	const below = `[...document.querySelectorAll(".headline table")].every(t => t.getBoundingClientRect().top >= document.querySelector("#headline-title").getBoundingClientRect().bottom)`
	for _, width := range []int64{400, 900, 1400} {
		b.resize(width)
		b.want("numbers below the title", below, true)
		b.want("tables beside each other begin together", `new Set([...document.querySelectorAll(".headline .parts > div")].map(d => [d.getBoundingClientRect().top, d.querySelector("table").getBoundingClientRect().top].join())).size === document.querySelectorAll(".headline .parts > div").length || new Set([...document.querySelectorAll(".headline .parts table")].map(t => t.getBoundingClientRect().top)).size === 1`, true)
	}
	b.print()
	b.want("numbers below the title on paper", below, true)
	b.quiet()
}
