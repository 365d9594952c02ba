package compare

import (
	"fmt"
	"math"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestNoiseOf: the spread of each final number of validation and test that all seeds have.
func TestNoiseOf(t *testing.T) {
	t.Parallel()
	run := func(id string, values ...stage.Scalar) *results.RunRecord {
		return &results.RunRecord{RunSummary: results.RunSummary{ID: id, Name: "demo", Finals: values}, Experiment: "name: " + id + "\ntrain: {batch: 8}\n", Facts: []stage.Fact{{Name: "data fingerprint", Value: "f00"}}}
	}
	final := func(series, name string, value float64) stage.Scalar {
		return stage.Scalar{Series: series, Name: name, Value: value}
	}
	records := []*results.RunRecord{
		run("a", final("validation", "loss", 1), final("validation", "f1", 0.5), final("test", "loss", 10), final("validation calibrated", "loss", 7), final("test", "auroc", 0.5)),
		run("b", final("validation", "loss", 3), final("validation", "f1", math.NaN()), final("test", "loss", 30), final("validation calibrated", "loss", 8)),
	}
	now := time.Unix(5, 0)
	list, err := NoiseOf(now, records)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, n := range list {
		got += fmt.Sprintf("%s %s: %g ± %.4g from %g to %g by %v; ", n.Series, n.Metric, n.Mean, n.Deviation, n.Low, n.High, n.Runs)
		if n.At != now || n.Name != "demo" || n.Data != "f00" || len(n.Experiment) != 64 {
			t.Errorf("got %+v", n)
		}
	}
	if want := "validation loss: 2 ± 1.414 from 1 to 3 by [a b]; test loss: 20 ± 14.14 from 10 to 30 by [a b]; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
