package main

import (
	"strings"
	"testing"

	"vertebra/experiments"
)

// TestLayersPrinted: each layer with its part of the parameters and of the arithmetic, and what
// trains it, from when, how fast, and whether as a whole.
func TestLayersPrinted(t *testing.T) {
	t.Parallel()
	p := experiments.Plan{Layers: []experiments.LayerPlan{
		{Layer: "stem", Parameters: 1200, Operations: 3e6},
		{Layer: "block", Parameters: 34, Operations: 1e6, Trained: []experiments.LayerTraining{
			{Phase: "all", From: 3, Factors: []float64{0.5, 0.25}, Part: true}, {Phase: "late", From: 1, Factors: []float64{0.1}}}},
		{Layer: "head", Parameters: 5, Trained: []experiments.LayerTraining{{Phase: "all", From: 2, Factors: []float64{1}}}},
	}}
	p.Model.Parameters = 1239
	var out strings.Builder
	if err := printLayers(&out, p); err != nil {
		t.Fatal(err)
	}
	want := `layer  parameters  arithmetic  trained by
stem   1,200       75.0 %      –
block  34          25.0 %      all ×0.5 and ×0.25 from epoch 3 in part, late ×0.1
head   5           0.0 %       all from epoch 2
together 1,239 parameters, and 4 million operations for an image
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
