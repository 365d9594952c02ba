package evaluate

import (
	"math"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

func measuredAt(series, name string, better stage.Direction, value, low, high float64) stage.Scalar {
	s := stage.Scalar{Name: name, Title: name, Series: series, Epoch: stage.Final, Value: value, Better: better}
	if !math.IsNaN(low) {
		s.Interval = &stage.Interval{Low: low, High: high, Level: 0.95}
	}
	return s
}

// TestApart: the interval of 56/70 − 48/80 by both Wilson intervals, as Newcombe 1998 and
// statsmodels 0.14 (confint_proportions_2indep, method newcomb) have it.
func TestApart(t *testing.T) {
	t.Parallel()
	a := measuredAt("test", "share", "", 56./70, 0.6918335550374695, 0.8769526075163705)
	b := measuredAt("test", "share", "", 48./80, 0.4904546500516038, 0.7003817240412906)
	d := Apart(a, b)
	if !(math.Abs(d.Value-0.2) <= 1e-12) || !(math.Abs(d.Low-0.05243147240236498) <= 1e-9) || !(math.Abs(d.High-0.33387265403690614) <= 1e-9) {
		t.Errorf("got %+v", d)
	}
	b.Interval.Level = 0.9
	if d := Apart(a, b); !math.IsNaN(d.Low) || d.Value != a.Value-b.Value {
		t.Errorf("intervals of two levels: got %+v", d)
	}
}

// TestBeside: what decides comes first, calibrated where the run is, and each number has the
// direction of its own.
func TestBeside(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	here := []stage.Record{
		measuredAt("test", "accuracy", stage.HigherBetter, 0.6, 0.55, 0.65), measuredAt("test", "loss", stage.LowerBetter, 0.9, 0.8, 1),
		measuredAt("test calibrated", "loss", stage.LowerBetter, 0.7, 0.6, 0.8), measuredAt("test", "size", "", 2, 1.9, 2.1),
		measuredAt("test", "calibration_error", stage.LowerBetter, 0.3, 0.25, 0.35), measuredAt("test", "unknown", stage.HigherBetter, 1, nan, nan), measuredAt("test baseline", "accuracy", stage.HigherBetter, 0.5, nan, nan),
	}
	own := []stage.Scalar{
		measuredAt("validation", "accuracy", stage.HigherBetter, 0.9, 0.85, 0.95), measuredAt("validation", "loss", stage.LowerBetter, 0.1, 0, 0.2),
		measuredAt("validation calibrated", "loss", stage.LowerBetter, 0.65, 0.5, 0.8), measuredAt("test", "size", "", 1, nan, nan),
		measuredAt("test", "calibration_error", stage.LowerBetter, 0.1, 0.05, 0.15),
	}
	table := beside(here, Known{Finals: own, Decides: "loss"})[0].(stage.Table)
	var got []string
	for _, row := range table.Rows {
		got = append(got, strings.Join([]string{row[0].(string), row[3].(string), row[5].(string)}, " "))
	}
	if want := "loss validation indistinguishable; accuracy validation worse; size test ; calibration_error test "; strings.Join(got, "; ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "; "), want)
	}
	for _, note := range []string{"no test split", "without an interval", "calibration errors"} {
		if !strings.Contains(table.Note, note) {
			t.Errorf("no %q in %q", note, table.Note)
		}
	}
	if records := beside(here, Known{}); records != nil {
		t.Errorf("beside nothing: %+v", records)
	}
}
