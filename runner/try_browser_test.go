package main

import (
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTryInBrowser: somebody chooses slices, goes to another one, points at a place with the keyboard, and
// sees what the nets say and where they looked; what is wrong is told on the page.
func TestTryInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	_, server, files, _ := newTried(t)
	b.do(chromedp.Navigate(server.URL+"/"), chromedp.WaitReady(chromedp.CSS("html.ready")))
	b.until(`document.querySelector("#send").disabled && document.querySelector("#facts").textContent.includes("normal_mild, moderate, severe")`)
	choose := chromedp.CSS("input[data-slot]")
	wrong, err := filepath.Abs("try_browser_test.go")
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles(choose, []string{wrong}))
	b.until(`document.querySelector("#trouble").textContent.includes("none of 1 files is an image")`)
	b.forget() // Chromium tells of the answer 422
	b.do(chromedp.SetUploadFiles(choose, files[:5]), chromedp.WaitVisible(chromedp.CSS(".viewer .point img[src]")))
	b.until(`document.querySelector("#trouble").hidden && document.querySelector(".viewer .named").textContent.startsWith("slice 3 of 5: ") && document.querySelector("#send").disabled`)
	b.do(chromedp.Focus(chromedp.CSS(".viewer .point")), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowDown))
	b.until(`!document.querySelector(".mark").hidden && document.querySelector(".viewer input[type=number]").value > 0 && !document.querySelector("#send").disabled`)
	b.do(chromedp.Focus(chromedp.CSS(".viewer input[type=range]")), chromedp.KeyEvent(kb.ArrowRight))
	b.until(`document.querySelector(".viewer .named").textContent.startsWith("slice 4 of 5: ") && document.querySelector(".viewer .note").textContent.startsWith("The point of this series lies in ")`)
	b.do(chromedp.Click(chromedp.CSS(".viewer .point")))
	b.until(`document.querySelector(".viewer .note").textContent === "In pixels of the file."`)
	b.do(chromedp.Click(chromedp.CSS("#send")), chromedp.WaitVisible(chromedp.CSS(".answer .chances")))
	b.until(`document.querySelectorAll(".answer").length === 1 && document.querySelectorAll(".answer .chances tr").length === 3 && document.querySelectorAll(".answer .chances tr.said").length === 1 &&
		document.querySelector(".answer .set").textContent.startsWith("Prediction set (60 %): ") && document.querySelector(".cautions").textContent.includes("the step decode of this program") &&
		document.querySelector(".answer .stack img").naturalWidth === 12 && document.querySelector(".answer").textContent.includes("Looked at (")`)
	b.content()
}
