package train

import (
	"math"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/registry"
)

// rateCase is what testdata/rates.py computed with fastai.
type rateCase struct {
	Rates, Losses, Smooth  []float64
	Valley, Steep, Minimum float64
}

func rateCases(t *testing.T) (out []rateCase) {
	t.Helper()
	parity.Read(t, "testdata/rates.json", &out)
	if len(out) == 0 {
		t.Fatal("there are none")
	}
	return out
}

func (c rateCase) steps() (out []RateStep) {
	for i, rate := range c.Rates {
		out = append(out, next(out, rate, c.Losses[i]))
	}
	return out
}

func TestRateAdvice(t *testing.T) {
	t.Parallel()
	alike := func(got, want float64) bool { return math.Abs(got-want) <= 1e-9*math.Abs(want) }
	for i, c := range rateCases(t) {
		steps := c.steps()
		for k, s := range steps {
			if !alike(s.Smooth, c.Smooth[k]) || s.Loss != c.Losses[k] {
				t.Fatalf("case %d, step %d: smoothed %v, want %v", i, k, s.Smooth, c.Smooth[k])
			}
		}
		got, err := Advise(steps)
		if err != nil || !alike(got.Valley, c.Valley) || !alike(got.Steepest, c.Steep) || !alike(got.Lowest, c.Minimum) {
			t.Errorf("case %d: %+v, %v; want %v, %v, %v", i, got, err, c.Valley, c.Steep, c.Minimum)
		}
	}
}

func TestRateAdviceOfFewSteps(t *testing.T) {
	t.Parallel()
	if _, err := Advise(rateCases(t)[0].steps()[:19]); err == nil || !strings.Contains(err.Error(), "begin at a lower rate") {
		t.Errorf("got %v", err)
	}
}

// TestRateAdviceLooksAway: the first tenth of the steps and the last five say nothing.
func TestRateAdviceLooksAway(t *testing.T) {
	t.Parallel()
	steps := make([]RateStep, 40)
	for i := range steps {
		steps[i] = RateStep{Rate: math.Pow(10, float64(i)/10-5), Smooth: 10 - 0.1*float64(i)}
	}
	steps[2].Smooth, steps[3].Smooth = 90, -50 // the steepest and the lowest, within the first tenth
	steps[36].Smooth = -60
	got, err := Advise(steps)
	if err != nil || got.Lowest != steps[34].Rate/10 || got.Steepest < steps[4].Rate || got.Steepest > steps[33].Rate || got.Valley < steps[4].Rate || got.Valley > steps[34].Rate {
		t.Errorf("got %+v, %v, want rates of steps 4 to 34, and the lowest a tenth of %g", got, err, steps[34].Rate)
	}
}

func TestRising(t *testing.T) {
	t.Parallel()
	r := RateRange{Low: 1e-4, High: 1, Steps: 5}.rising(0.01)
	for step, want := range []float64{1e-4, 1e-3, 1e-2, 1e-1, 1} {
		if got := r.Rate(0.01, History{Step: step + 1}); !(math.Abs(got/want-1) <= 1e-12) {
			t.Errorf("step %d: rate %v, want %v", step+1, got, want)
		}
		if got := r.Rate(0.03, History{Step: step + 1}); !(math.Abs(got/want-3) <= 1e-12) {
			t.Errorf("step %d: of an optimizer with three times the rate %v, want %v", step+1, got, 3*want)
		}
	}
}

// TestTooFar: of a logarithm, which falls through 0, differences count.
func TestTooFar(t *testing.T) {
	t.Parallel()
	entropy, kappa := Config{Loss: registry.One[Loss]{Part: CrossEntropy{}}}, Config{Loss: registry.One[Loss]{Part: ClassBalanced{Loss: registry.One[Loss]{Part: Kappa{}}}}}
	for _, test := range []struct {
		cfg    Config
		losses []float64
		want   bool
	}{
		{entropy, []float64{1}, false}, {entropy, []float64{1, 0.5, 1.9}, false}, {entropy, []float64{1, 0.5, 2.1}, true},
		{kappa, []float64{-0.1}, false}, {kappa, []float64{0.01, 0.2, -0.5, 2.4}, false}, {kappa, []float64{0, -0.5, 2.6}, true}, {kappa, []float64{-2, -4, 7}, false}, {kappa, []float64{-2, -4, 9}, true},
	} {
		var steps []RateStep
		for _, loss := range test.losses {
			steps = append(steps, RateStep{Smooth: loss})
		}
		if got := test.cfg.tooFar(steps); got != test.want {
			t.Errorf("%v: %v", test.losses, got)
		}
	}
}
