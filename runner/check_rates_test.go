package main

import (
	"fmt"
	"strings"
	"testing"

	"vertebra/experiments"
)

// TestLayerRates: neighbours of one factor are one line, the middle of many lines is left out,
// and with several optimizers there is no rate that all share.
func TestLayerRates(t *testing.T) {
	t.Parallel()
	phase := experiments.Phase{Rates: []float64{0.001, 0.01, 0.005}, Factors: []experiments.LayerFactor{{Layer: "head", Factor: 1}, {Layer: "norm", Factor: 0.5}, {Layer: "b.1", Factor: 0.5}, {Layer: "b.0", Factor: 0.25}}}
	text := func() string { return strings.Join(layerRates(phase), "\n") }
	want := "rates of layers at their highest, and what they are multiplied by:\n  0.01       ×1         head\n  0.005      ×0.5       norm, b.1\n  0.0025     ×0.25      b.0"
	if got := text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	phase.Others = []string{"head: sgd at 0.1"}
	if got := text(); !strings.HasPrefix(got, "what rates of layers are multiplied by:\n  ×1         head\n  ×0.5 ") {
		t.Errorf("with another optimizer:\n%s", got)
	}
	for i := range 40 {
		phase.Factors = append(phase.Factors, experiments.LayerFactor{Layer: fmt.Sprint("a.", i), Factor: 0.1 / float64(i+1)})
	}
	lines := layerRates(phase)
	if len(lines) != 1+mostRates+1 || !strings.HasSuffix(lines[len(lines)-1], "a.39") || !strings.Contains(text(), "… 27 lines more") {
		t.Errorf("%d lines:\n%s", len(lines), text())
	}
	phase.Others, phase.Factors = nil, []experiments.LayerFactor{{Layer: "d", Factor: 1}, {Layer: "c", Factor: 1}, {Layer: "b", Factor: 1}, {Layer: "x", Factor: 0.5}, {Layer: "y", Factor: 0.5}, {Layer: "z", Factor: 0.5}, {Layer: "a", Factor: 0.5}}
	if got, want := text(), "×1         d, c, b\n  0.005      ×0.5       x to a"; !strings.HasSuffix(got, want) {
		t.Errorf("neighbours of one factor: got\n%s\nwant\n%s", got, want)
	}
	phase.Factors = nil
	if got := text(); got != "" {
		t.Errorf("without factors: %s", got)
	}
}
