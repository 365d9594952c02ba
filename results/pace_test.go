package results

import (
	"math"
	"testing"
	"time"

	"vertebra/stages/stage"
)

// The first epoch of a phase does not count, nor a run that measured nothing.
func TestPaces(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	if got, err := db.Paces(t.Context(), "ops", 5); err != nil || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
	run := beginTest(t, db, "x")
	epoch := func(phase string, n int, images, operations float64) []stage.Record {
		return []stage.Record{
			stage.Scalar{Name: "images_per_second", Series: "train", Phase: phase, Epoch: n, Value: images, Unit: "images/s"},
			stage.Scalar{Name: "ops", Series: "train", Phase: phase, Epoch: n, Value: operations, Unit: "GFLOP/s"},
			stage.Scalar{Name: "epoch_seconds", Series: "train", Phase: phase, Epoch: n, Value: 2, Unit: "s"},
			stage.Scalar{Name: "seconds_by_part", Series: "validation", Phase: phase, Epoch: n, Value: 1, Unit: "s"},
		}
	}
	record(t, run, stage.Fact{Name: "device", Value: "cpu (CPU)"}, stage.Fact{Name: "precision", Value: "fp32"})
	record(t, run, epoch("head", 1, 10, 5)...)
	for i, operations := range []float64{1, 30, 10, 20} {
		record(t, run, epoch("all", 2+i, 100*operations, operations)...)
	}
	other := beginTest(t, db, "y")
	record(t, other, stage.Fact{Name: "device", Value: "gpu"}, stage.Scalar{Name: "images_per_second", Phase: "all", Value: 3})
	got, err := db.Paces(t.Context(), "ops", 5)
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	head, all := got[0], got[1]
	if head.Phase != "head" || head.Operations != 5 || head.Images != 10 || all.Operations != 20 || all.Images != 2000 {
		t.Errorf("got %+v", got)
	}
	if all.Device != "cpu (CPU)" || all.Precision != "fp32" || all.Name != "x" || all.Training != 15*time.Second || all.Rest != 0 {
		t.Errorf("got %+v", all)
	}
}

// TestUsual is the median without the first epoch, which other things slow down, unless that is all.
func TestUsual(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{5}, 5}, {[]float64{nan}, 0}, {[]float64{9, nan}, 0}, {[]float64{900, 1, 3, 2}, 2}, {[]float64{0, 7, nan, 5, 6}, 6}} {
		if got := usual(c.values); got != c.want {
			t.Errorf("%v: got %v, want %v", c.values, got, c.want)
		}
	}
	for v, want := range map[float64]string{0.5: "0.5", 1e21: "1e+21", math.Inf(-1): "-inf"} {
		if got := pythonFloat(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
	if got := pythonFloat(nan); got != "nan" {
		t.Errorf("got %s", got)
	}
}
