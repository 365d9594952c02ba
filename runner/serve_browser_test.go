package main

import (
	"context"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"vertebra/results"
	"vertebra/stages/stage"
)

// browser is a page in a headless Chromium.
type browser struct {
	t       *testing.T
	ctx     context.Context
	lock    sync.Mutex
	trouble []any
}

// newBrowser opens one; a test is skipped where there is no Chromium.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no Chromium is installed, so live pages are not tried in a browser: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, func(event any) {
		b.lock.Lock()
		defer b.lock.Unlock()
		switch event.(type) {
		case *runtime.EventExceptionThrown, *log.EventEntryAdded:
			b.trouble = append(b.trouble, event)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	limited, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(limited, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for a condition of the page.
func (b *browser) until(condition string) {
	b.t.Helper()
	b.do(chromedp.Poll[chromedp.Void](condition))
}

// forget has what was complained of so far count nothing.
func (b *browser) forget() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.trouble = nil
}

// content wants the page to have nothing to complain of.
func (b *browser) content() {
	b.t.Helper()
	b.lock.Lock()
	defer b.lock.Unlock()
	if len(b.trouble) > 0 {
		b.t.Errorf("the pages complain: %+v", b.trouble)
	}
}

// TestServedPagesFollowInBrowser: a page of all runs shows progress, draws itself
// again when a run ends, and keeps what the reader has typed and chosen.
func TestServedPagesFollowInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	s, server, run := newSite(t)
	b.do(chromedp.Navigate(server.URL+"/"), chromedp.WaitReady(chromedp.CSS("html.ready")))
	progress := newProgressFile(s.folder(run.ID()), time.Millisecond)
	progress.Progress(stage.Progress{Label: "epoch 3 <b>", Done: 7, Total: 21, Unit: "steps"})
	b.until(`document.querySelector("#running").textContent.includes("epoch 3 <b> · 7 of 21 steps")`)
	b.do(chromedp.Click(chromedp.CSS("#runs tbody tr input[type=checkbox]")), chromedp.Click(chromedp.CSS("#runs thead th button")))
	if err := progress.close(); err != nil {
		t.Fatal(err)
	}
	if err := run.Finish(t.Context(), results.Done, nil); err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelectorAll("#runs .status.done").length === 3 && document.querySelector("#running").hidden`)
	b.until(`document.querySelector("#runs thead th").getAttribute("aria-sort") === "ascending" && document.querySelectorAll("#runs input:checked").length === 1`)
	// Two chosen runs are compared on a page of their own.
	b.do(chromedp.Click(chromedp.CSS("#runs tbody tr:nth-child(1) input:not(:checked), #runs tbody tr:nth-child(2) input:not(:checked)")))
	b.do(chromedp.Click(chromedp.CSS(".chosen-runs a")), chromedp.WaitVisible(chromedp.CSS("#verdict-title")))
	b.content()
}
