package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"vertebra/experiments"
	"vertebra/results"
)

// Of earlier phases the one counts whose images cost most nearly the same, on the device
// of the latest run and in the wanted precision; layers that are computed once go by the
// phase with the most work.
func TestForesee(t *testing.T) {
	t.Parallel()
	pace := func(run, name, device, precision string, operations, images float64) results.Pace {
		return results.Pace{Run: run, Name: name, Device: device, Precision: precision, Operations: operations, Images: images, Rest: 5 * time.Second}
	}
	paces := []results.Pace{ // GFLOP/s and images/s, the latest first
		pace("r4", "d", "gpu", "bf16", 1000, 100), pace("r4", "d", "gpu", "bf16", 1, 1000),
		pace("r3", "c", "cpu", "fp32", 10, 1), pace("r2", "b", "gpu", "fp32", 500, 50), pace("r1", "a", "gpu", "bf16", 2000, 200),
	}
	var p experiments.Plan
	p.Name = "a"
	p.Phases = []experiments.Phase{
		{Name: "head", Work: experiments.Work{Image: 1e6, Epochs: 2e9, Once: 3000e9}},
		{Name: "all", Work: experiments.Work{Image: 11e9, Epochs: 50_000e9}},
	}
	for precision, want := range map[string][2]float64{"auto": {2 + 3, 50}, "fp32": {2/500. + 6, 100}} {
		got := foresee(paces, p, precision)
		for i, seconds := range want {
			if !(math.Abs(got.Phases[i].Seconds-seconds) <= 1e-9) {
				t.Errorf("%s, phase %d: got %g s, want %g", precision, i, got.Phases[i].Seconds, seconds)
			}
		}
		if got.Seconds != got.Phases[0].Seconds+got.Phases[1].Seconds || got.Device != "gpu" || !(math.Abs(got.Phases[1].Scaled-1.1) <= 1e-9) {
			t.Errorf("%s: got %+v", precision, got)
		}
	}
	if got := foresee(paces, p, "auto"); got.Rest != 5 || got.measured() != "r4" {
		t.Errorf("got %+v", got)
	}
	var out strings.Builder
	if err := printTime(&out, foresee(paces, p, "auto")); err != nil {
		t.Fatal(err)
	}
	want := "time    at most about 55 s of training on gpu (head 5 s, all 50 s), and 5 s besides\n        by the speed of run r4: a rough guess, since images here take 1 to 1.1 times the arithmetic\n"
	if out.String() != want {
		t.Errorf("got %q", out.String())
	}
	pre := p
	pre.Pretrain = &experiments.PretrainPlan{Work: experiments.Work{Image: 11e9, Epochs: 10_000e9}}
	if got := foresee(paces, pre, "auto"); got.Seconds != 65 || got.Phases[0].Name != "pretrain" || got.Phases[0].Seconds != 10 {
		t.Errorf("with pretraining: got %+v", got)
	}
	p.Data.FoldRuns = make([]experiments.FoldPlan, 3)
	if got := foresee(paces, p, "auto"); got.Seconds != 3*55 {
		t.Errorf("three folds take %g s", got.Seconds)
	}
}

func TestRoughly(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{0: "0.1 s", 3.14: "3.1 s", 42.4: "42 s", 150: "2.5 min", 3000: "50 min", 12_100: "3 h 20 min", 2.6e5: "3.0 days"} {
		if got := roughly(seconds); got != want {
			t.Errorf("%g: got %s, want %s", seconds, got, want)
		}
	}
}

func TestTwoDigits(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{1.1: "1.1", 183.7: "180", 0.0456: "0.046", 99.6: "100", 12: "12", 4321: "4300"} {
		if got := twoDigits(v); got != want {
			t.Errorf("got %s of %g, want %s", got, v, want)
		}
	}
}
