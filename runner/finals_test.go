package main

import (
	"math"
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// The terminal shows what is calibrated beside what the net gave, as the report does.
func TestFinalsShowCalibrated(t *testing.T) {
	t.Parallel()
	final := func(series, name string, value float64) stage.Scalar {
		return stage.Scalar{Name: name, Series: series, Value: value, Epoch: stage.Final, Interval: &stage.Interval{Low: value - 0.1, High: value + 0.1, Level: 0.95}}
	}
	run := results.RunSummary{Finals: []stage.Scalar{final("validation", "loss", 0.7), final("validation", "f1", 0.5), final("validation calibrated", "loss", 0.6),
		final("test", "loss", 0.8), final("test calibrated", "loss", 0.65),
		final("validation", "none", math.NaN()), final("test", "none", math.NaN()), final("validation", "rare", math.NaN()), final("test", "rare", 0.3)}}
	var out strings.Builder
	if err := printFinals(&out, run); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"final numbers validation validation calibrated test test calibrated",
		"loss 0.7000 (0.6000 to 0.8000) 0.6000 0.8000 (0.7000 to 0.9000) 0.6500", "f1 0.5000 (0.4000 to 0.6000) – – –", "rare – – 0.3000 (0.2000 to 0.4000) –"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
