package reports

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestSmoothingInBrowser: long curves are smoothed as TensorBoard does, with their values behind
// them; zooming keeps it, and 0 gives the page as it was.
func TestSmoothingInBrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	rec := sample(t)
	rec.Scalars = nil
	mean, weight, want := 0.0, 1.0, 0.0
	for epoch := 1; epoch <= 40; epoch++ {
		value := 1 + 0.5*float64(epoch%2)
		mean, weight = 0.9*mean+0.1*value, 0.9*weight
		want = mean / (1 - weight)
		for _, series := range []string{"train", "validation"} {
			rec.Scalars = append(rec.Scalars, stage.Scalar{Name: "loss", Title: "Loss", Series: series, Epoch: epoch, Value: value})
		}
	}
	b.open(func(w io.Writer) error { return AsFile.Run(w, rec) })
	const slide = `(value => { const s = document.querySelector("#training .smooth input"); s.value = value; s.dispatchEvent(new Event("input")); return 1; })`
	const svg = `document.querySelector("#training figure.plot svg[data-plot]")`
	b.want("one slider, where curves are", `document.querySelectorAll(".smooth").length`, 1)
	b.want("nothing is smoothed", svg+`.classList.contains("zoomed")`, false)
	eval[any](b, slide+`(0.9)`)
	b.want("values, and their means", svg+`.querySelectorAll(".redrawn path").length`, 4)
	b.want("no word of a zoom", svg+`.querySelector(".redrawn").textContent.includes("zoomed")`, false)
	eval[any](b, svg+`.dispatchEvent(new KeyboardEvent("keydown", { key: "+" }))`)
	b.want("zoomed, and still smoothed", svg+`.querySelector(".redrawn").textContent.includes("zoomed") && `+svg+`.querySelectorAll(".redrawn path").length === 4`, true)
	eval[any](b, svg+`.dispatchEvent(new KeyboardEvent("keydown", { key: "0" }))`)
	b.want("the whole again, and still smoothed", svg+`.querySelector(".redrawn").textContent.includes("zoomed")`, false)
	eval[any](b, `(() => { const s = `+svg+`, r = s.getBoundingClientRect(); s.dispatchEvent(new PointerEvent("pointermove", { clientX: r.right - 4, clientY: r.top + 9 })); return 1; })()`)
	tip := eval[string](b, `document.querySelector("#training figure.plot .tip").textContent`)
	if _, after, ok := strings.Cut(tip, "(smoothed "); !ok || !strings.HasPrefix(tip, "epoch 40") || !strings.HasPrefix(after, fmt.Sprintf("%.4g", want)) {
		t.Errorf("the tip says %q, want epoch 40 smoothed to %.4f", tip, want)
	}
	eval[any](b, slide+`(0)`)
	b.want("as it was", svg+`.classList.contains("zoomed")`, false)
	b.quiet()
}
