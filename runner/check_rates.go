package main

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/experiments"
)

// mostRates are lines that a plan shows of the layers of a phase.
const mostRates = 16

// layerRates tells the factor of each layer's rate, and how high that becomes: a line for
// neighbours that have the same, from the head down. Of many the middle is left out. Where the
// phase has several optimizers there is no rate in common.
func layerRates(phase experiments.Phase) (lines []string) {
	if len(phase.Factors) == 0 {
		return nil
	}
	title, rate := "rates of layers at their highest, and what they are multiplied by:", func(factor float64) string {
		return fmt.Sprintf("%-10.3g ", slices.Max(phase.Rates)*factor)
	}
	if len(phase.Others) > 0 {
		title, rate = "what rates of layers are multiplied by:", func(float64) string { return "" }
	}
	for from := 0; from < len(phase.Factors); {
		to, factor := from, phase.Factors[from].Factor
		var layers []string
		for ; to < len(phase.Factors) && phase.Factors[to].Factor == factor; to++ {
			layers = append(layers, phase.Factors[to].Layer)
		}
		if n := len(layers); n > 3 {
			layers = []string{layers[0] + " to " + layers[n-1]}
		}
		lines = append(lines, fmt.Sprintf("  %s×%-9.3g %s", rate(factor), factor, strings.Join(layers, ", ")))
		from = to
	}
	if n := len(lines); n > mostRates {
		left := fmt.Sprintf("  … %d lines more; --layers lists all layers", n-mostRates)
		lines = slices.Concat(lines[:mostRates-4], []string{left}, lines[n-4:])
	}
	return append([]string{title}, lines...)
}
