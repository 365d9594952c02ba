package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Of the page of a sweep: numbers of trials whose lines are not faded, and rows of the table of all that are marked.
const (
	linesLeft  = `document.querySelectorAll("#parallel .lines path:not(.out)").length`
	rowsMarked = `document.querySelectorAll("#trials tr.chosen").length`
	wordsSaid  = `document.querySelector("#parallel .said").textContent`
)

// onAxis is the place of a share of an axis in the window.
func (b *browser) onAxis(axis int, share float64) (x, y float64) {
	b.t.Helper()
	at := eval[[]float64](b, fmt.Sprintf(`(() => { const s = document.querySelector("#parallel svg[data-trials]"), d = JSON.parse(s.dataset.trials);
		const p = new DOMPoint(d.axes[%d].x, d.bottom - %g * (d.bottom - d.top)).matrixTransform(s.getScreenCTM()); return [p.x, p.y]; })()`, axis, share))
	return at[0], at[1]
}

func (b *browser) drawRange(axis int, from, to float64) {
	b.t.Helper()
	x, y := b.onAxis(axis, from)
	_, end := b.onAxis(axis, to)
	b.do(chromedp.MouseEvent(chromedp.MousePressed, x, y, chromedp.ButtonLeft), chromedp.MouseEvent(chromedp.MouseMoved, x, (y+end)/2, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseMoved, x, end, chromedp.ButtonLeft), chromedp.MouseEvent(chromedp.MouseReleased, x, end, chromedp.ButtonLeft))
}

// satisfying counts trials, and those of them that have a line.
func satisfying(s Sweep, holds func(SweepTrial) bool) (n, drawn int, best SweepTrial) {
	for _, t := range s.Trials {
		if holds(t) {
			n++
			if finite(t.Value) {
				drawn++
			}
		}
	}
	for _, t := range s.ranked() {
		if holds(t) {
			return n, drawn, t
		}
	}
	return n, drawn, SweepTrial{Number: -1}
}

// openSweep shows the parallel coordinates of a page.
func openSweep(t *testing.T, s Sweep) *browser {
	b := newBrowser(t)
	b.open(func(w io.Writer) error { return AsFile.Sweep(w, s) })
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#parallel").scrollIntoView()`))
	return b
}

// TestRangesInBrowser: ranges drawn on axes choose trials, several together, in all plots and tables, and their number and
// the best of them are told in words.
func TestRangesInBrowser(t *testing.T) {
	t.Parallel()
	s := wideSweep(60, 5)
	b := openSweep(t, s)
	_, drawn, _ := satisfying(s, func(SweepTrial) bool { return true })
	b.want("all lines at first", linesLeft, drawn)
	b.want("no row is marked", rowsMarked, 0)

	low := func(t SweepTrial) bool { v := t.Shares[s.Settings[0].Path]; return v > 0.505 && v < 0.905 }
	n, drawn, best := satisfying(s, low)
	b.drawRange(0, 0.505, 0.905) // values are hundredths
	b.want("lines in the range", linesLeft, drawn)
	b.want("rows in the range, failed trials too", rowsMarked, n)
	b.want("points of a slice out of the range", `[...document.querySelectorAll("#search figure:last-of-type circle.out")].length > 0`, true)
	b.want("chosen points that are not seen", `[...document.querySelectorAll("#search circle.chosen")].filter(c => getComputedStyle(c).opacity !== "1").length`, 0)
	said := eval[string](b, wordsSaid)
	if want := fmt.Sprintf("%d of 60 trials: part.setting_0 ", n); !strings.HasPrefix(said, want) || !strings.Contains(said, fmt.Sprintf("The best of them is trial %d with %s.", best.Number, valueText(best.Value))) {
		t.Errorf("it says %q; want %q and trial %d", said, want, best.Number)
	}

	// A click takes a choice besides; the table can hold these alone.
	both := func(t SweepTrial) bool { return low(t) && t.Shares[s.Settings[2].Path] == 0.25 }
	n, drawn, _ = satisfying(s, both)
	x, y := b.onAxis(2, 0.27)
	b.do(chromedp.MouseClickXY(x, y))
	b.want("lines of both", linesLeft, drawn)
	b.want("rows of both", rowsMarked, n)
	b.want("the choice is told", wordsSaid+`.includes(", part.setting_2 a.")`, true)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#parallel .tools input").click()`))
	b.want("no other row is seen", `[...document.querySelectorAll("#trials tbody tr")].filter(r => r.getClientRects().length).length`, n)

	// The range as a whole can be moved, and its ends.
	b.drawRange(0, 0.7, 0.6)
	moved := func(t SweepTrial) bool {
		v := t.Shares[s.Settings[0].Path]
		return v > 0.405 && v < 0.805 && t.Shares[s.Settings[2].Path] == 0.25
	}
	n, _, _ = satisfying(s, moved)
	b.want("moved down", rowsMarked, n)

	// Two clicks let all go.
	x, y = b.onAxis(1, 0.5)
	b.do(chromedp.MouseClickXY(x+30, y, chromedp.ClickCount(2)))
	b.want("all again", rowsMarked, 0)
	b.want("all rows again", `[...document.querySelectorAll("#trials tbody tr")].filter(r => r.getClientRects().length).length`, 60)
	b.quiet()
}

// TestRangesOfSettingsWithOneNameInBrowser: of two settings that end in the same words one has a range.
func TestRangesOfSettingsWithOneNameInBrowser(t *testing.T) {
	t.Parallel()
	s := wideSweep(30, 5)
	old := s.Settings[1].Path
	s.Settings[1].Path = "other." + s.Settings[0].Path
	for i, trial := range s.Trials {
		s.Trials[i].Shares[s.Settings[1].Path] = trial.Shares[old]
	}
	n, _, _ := satisfying(s, func(t SweepTrial) bool { v := t.Shares[s.Settings[0].Path]; return v > 0.505 && v < 0.905 })
	b := openSweep(t, s)
	b.drawRange(0, 0.505, 0.905)
	b.want("rows in the range of the one", rowsMarked, n)
	b.quiet()
}

// TestRangesByKeysInBrowser: the same without a pointer.
func TestRangesByKeysInBrowser(t *testing.T) {
	t.Parallel()
	s := wideSweep(60, 5)
	b := openSweep(t, s)
	press := func(key string, modifiers ...chromedp.Modifier) {
		t.Helper()
		b.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
	}
	b.do(chromedp.Focus(chromedp.CSS("#parallel .handle:nth-last-child(1)")))
	values := 0
	for _, trial := range s.Trials {
		if finite(trial.Value) {
			values++
		}
	}
	press(kb.ArrowDown)
	b.want("without the worst, and those without a value", rowsMarked, values-1)
	press(kb.ArrowDown)
	b.want("and the next", rowsMarked, values-2)
	press(kb.ArrowUp, chromedp.ModifierShift)
	b.want("given back", rowsMarked, values-1)
	press(kb.ArrowUp)
	b.want("without the best", rowsMarked, values-2)
	b.want("told to who does not see it", `document.activeElement.getAttribute("aria-valuetext").endsWith("; `+fmt.Sprint(values-2)+` of 60 trials")`, true)
	press(kb.Escape)
	b.want("all again", rowsMarked, 0)
	b.quiet()
}

// TestTrialUnderPointerInBrowser: a line tells its trial with all that was set, and shows where it is in the table; a
// row shows its line.
func TestTrialUnderPointerInBrowser(t *testing.T) {
	t.Parallel()
	s := wideSweep(24, 5)
	b := openSweep(t, s)
	best := s.trial(s.Best)
	x, y := b.onAxis(0, best.Shares[s.Settings[0].Path])
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, x-1, y))
	tip := eval[string](b, `document.querySelector("main > .tip:not([hidden])").innerText`)
	for _, want := range []string{fmt.Sprintf("trial %d, the best", s.Best), "validation.loss " + valueText(best.Value), "part.setting_0 " + best.Rows[0].Settings[s.Settings[0].Path]} {
		if !strings.Contains(tip, want) {
			t.Errorf("the tip says %q, not %q", tip, want)
		}
	}
	b.want("its row", `document.querySelector("#trials tr.at").dataset.trial`, s.Best)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#trials tr[data-trial="0"] td').dispatchEvent(new PointerEvent("pointerover", { bubbles: true }))`))
	b.want("the line of a row", `document.querySelector("#parallel .above path").dataset.trial`, 0)
	b.want("no word of it", `document.querySelector("main > .tip").hidden`, true)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#time rect[data-trial="3"]').dispatchEvent(new PointerEvent("pointerover", { bubbles: true }))`))
	if tip := eval[string](b, `document.querySelector("main > .tip:not([hidden])").innerText`); !strings.Contains(tip, "part.setting_0 ") || !strings.Contains(tip, "trial 3, epochs 1 to 9: done, 10s") {
		t.Errorf("of a part of its time the tip says %q", tip)
	}
	b.quiet()
}

// TestRangesStayInBrowser: a page of runner serve that is drawn again, since a trial ended, keeps the ranges.
func TestRangesStayInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: `
			window.EventSource = class { addEventListener(kind, f) { (window.news ??= {})[kind] = f; } };
			window.fetch = async () => ({ ok: true, text: async () => window.nextPage });`})
		return err
	}))
	var next strings.Builder
	if err := Served.Sweep(&next, wideSweep(30, 5)); err != nil {
		t.Fatal(err)
	}
	b.open(func(w io.Writer) error { return Served.Sweep(w, wideSweep(29, 5)) })
	b.do(chromedp.Focus(chromedp.CSS("#parallel .handle")), chromedp.KeyEvent(kb.ArrowUp))
	b.want("one trial less", rowsMarked, 28)
	text, err := json.Marshal(next.String())
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`window.nextPage = ` + string(text) + `; window.news.changed()`))
	b.do(chromedp.Poll[chromedp.Void](`document.querySelectorAll("#trials tbody tr").length === 30`))
	b.want("and one more", rowsMarked, 29)
	b.do(chromedp.KeyEvent(kb.ArrowUp))
	b.want("and keys go on where they were", rowsMarked, 28)
	b.want("one tip", `document.querySelectorAll("main > .tip").length`, 1)
	b.quiet()
}

// touch puts a finger down at the first place, moves it over the others and takes it away.
func (b *browser) touch(places ...[2]float64) {
	b.t.Helper()
	send := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
			return err
		}))
	}
	for i, at := range places {
		kind := input.DispatchTouchEventTypeTouchMove
		if i == 0 {
			kind = input.DispatchTouchEventTypeTouchStart
		}
		send(kind, &input.TouchPoint{X: at[0], Y: at[1]})
	}
	send(input.DispatchTouchEventTypeTouchEnd, []*input.TouchPoint{}...)
}

// TestRangesByTouchInBrowser: on a phone a finger draws ranges on an axis, and moves the page beside it.
func TestRangesByTouchInBrowser(t *testing.T) {
	t.Parallel()
	s := wideSweep(30, 5)
	b := newBrowser(t)
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, e1 := cdp.Call(ctx, tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 390, Height: 844, DeviceScaleFactor: 1, Mobile: true})
		_, e2 := cdp.Call(ctx, tab, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
		return errors.Join(e1, e2)
	}))
	b.open(func(w io.Writer) error { return AsFile.Sweep(w, s) })
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#parallel").scrollIntoView()`))
	drag := func(dx float64) {
		t.Helper()
		x, from := b.onAxis(0, 0.605)
		_, to := b.onAxis(0, 0.155)
		var places [][2]float64
		for i := range 11 {
			places = append(places, [2]float64{x + dx, from + (to-from)*float64(i)/10})
		}
		b.touch(places...)
	}
	n, _, _ := satisfying(s, func(t SweepTrial) bool { v := t.Shares[s.Settings[0].Path]; return v > 0.155 && v < 0.605 })
	at := eval[float64](b, `scrollY`)
	drag(0)
	b.want("rows in the range", rowsMarked, n)
	b.want("the page stayed", fmt.Sprintf(`Math.abs(scrollY - %g) < 1`, at), true)
	drag(40)
	b.want("beside an axis nothing is drawn", rowsMarked, n)
	b.do(chromedp.Poll[chromedp.Void](fmt.Sprintf(`Math.abs(scrollY - %g) > 20`, at)))
	b.quiet()
}
