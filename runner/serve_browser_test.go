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

// TestServedPagesFollowInBrowser: a page of all runs shows progress, draws itself
// again when a run ends, and keeps what the reader has typed and chosen.
func TestServedPagesFollowInBrowser(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no Chromium is installed, so live pages are not tried in a browser: apt-get install chromium")
	}
	s, server, run := newSite(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	ctx, stopTab := chromedp.NewContext(ctx)
	defer stopTab()
	var lock sync.Mutex
	var trouble []any
	if err := chromedp.Listen(ctx, func(event any) {
		lock.Lock()
		defer lock.Unlock()
		switch event.(type) {
		case *runtime.EventExceptionThrown, *log.EventEntryAdded:
			trouble = append(trouble, event)
		}
	}); err != nil {
		t.Fatal(err)
	}
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		limited, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		if err := chromedp.Do(limited, actions...); err != nil {
			t.Fatal(err)
		}
	}
	until := func(condition string) { t.Helper(); do(chromedp.Poll[chromedp.Void](condition)) }

	do(chromedp.Navigate(server.URL+"/"), chromedp.WaitReady(chromedp.CSS("html.ready")))
	progress := newProgressFile(s.folder(run.ID()), time.Millisecond)
	progress.Progress(stage.Progress{Label: "epoch 3 <b>", Done: 7, Total: 21, Unit: "steps"})
	until(`document.querySelector("#running").textContent.includes("epoch 3 <b> · 7 of 21 steps")`)
	do(chromedp.Click(chromedp.CSS("#runs tbody tr input[type=checkbox]")), chromedp.Click(chromedp.CSS("#runs thead th button")))
	if err := progress.close(); err != nil {
		t.Fatal(err)
	}
	if err := run.Finish(t.Context(), results.Done, nil); err != nil {
		t.Fatal(err)
	}
	until(`document.querySelectorAll("#runs .status.done").length === 3 && document.querySelector("#running").hidden`)
	until(`document.querySelector("#runs thead th").getAttribute("aria-sort") === "ascending" && document.querySelectorAll("#runs input:checked").length === 1`)
	// Two chosen runs are compared on a page of their own.
	do(chromedp.Click(chromedp.CSS("#runs tbody tr:nth-child(1) input:not(:checked), #runs tbody tr:nth-child(2) input:not(:checked)")))
	do(chromedp.Click(chromedp.CSS(".chosen-runs a")), chromedp.WaitVisible(chromedp.CSS("#verdict-title")))
	lock.Lock()
	defer lock.Unlock()
	if len(trouble) > 0 {
		t.Errorf("the pages complain: %+v", trouble)
	}
}
