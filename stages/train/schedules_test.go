package train

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/stage"
)

type scheduleCase struct {
	Name, Schedule string
	Settings       json.RawMessage
	Values         []float64
	Better         stage.Direction
	Want           []float64
}

// part gives the default schedule with the case's settings.
func (c scheduleCase) part(t *testing.T) Schedule {
	t.Helper()
	one, ok := Schedules.Default(c.Schedule)
	if !ok {
		t.Fatalf("there is no schedule %q", c.Schedule)
	}
	v := reflect.New(reflect.TypeOf(one.Part))
	v.Elem().Set(reflect.ValueOf(one.Part))
	if err := json.Unmarshal(c.Settings, v.Interface()); err != nil {
		t.Fatal(err)
	}
	return v.Elem().Interface().(Schedule)
}

// TestParityOfSchedulesIsFresh compares the rate of every step with
// testdata/schedules.json; schedules.py says where it is from.
func TestParityOfSchedulesIsFresh(t *testing.T) {
	var ref struct {
		Base          float64
		Epochs, Steps int
		Cases         []scheduleCase
	}
	parity.Read(t, "testdata/schedules.json", &ref)
	seen, rows := map[string]bool{}, []parity.Row{}
	for _, c := range ref.Cases {
		seen[c.Schedule] = true
		part, worst := c.part(t), 0.0
		for i, want := range c.Want {
			epoch := i / ref.Steps
			h := History{Epoch: epoch + 1, Epochs: ref.Epochs, Step: i + 1, StepsPerEpoch: ref.Steps, Better: c.Better, Values: c.Values[:min(epoch, len(c.Values))]}
			got := part.Rate(ref.Base, h)
			d := math.Abs(got-want) / max(want, 1e-3*ref.Base)
			worst = max(worst, d)
		}
		rows = append(rows, parity.Row{Part: c.Schedule, Case: c.Name, Reference: scheduleReferences[c.Schedule], Deviation: worst, Limit: 1e-9})
	}
	parity.Hold(t, parityPage, "schedules", rows, *update)
	for _, name := range Schedules.Names() {
		if !seen[name] {
			t.Errorf("no reference for %s", name)
		}
	}
}

// scheduleReferences name what schedules.py computes with.
var scheduleReferences = map[string]string{
	"constant": "torch ConstantLR, LinearLR", "step": "torch StepLR, MultiStepLR", "exponential": "torch ExponentialLR",
	"cosine": "torch CosineAnnealingLR, CosineAnnealingWarmRestarts", "linear": "torch LinearLR", "polynomial": "torch PolynomialLR",
	"inverse_sqrt": "the paper's formula", "one_cycle": "torch OneCycleLR", "cyclic": "torch CyclicLR",
	"plateau_keras": "keras.callbacks.ReduceLROnPlateau", "plateau_pytorch": "torch ReduceLROnPlateau",
}

// TestSchedulesNeverGiveANonsensicalRate tries the shortest phases and odd
// warm-ups.
func TestSchedulesNeverGiveANonsensicalRate(t *testing.T) {
	for _, name := range Schedules.Names() {
		one, _ := Schedules.Default(name)
		for epochs := 1; epochs <= 4; epochs++ {
			for steps := 1; steps <= 4; steps++ {
				h := History{Epochs: epochs, StepsPerEpoch: steps, Better: stage.LowerBetter}
				for h.Epoch = 1; h.Epoch <= epochs; h.Epoch++ {
					for range steps {
						h.Step++
						if rate := one.Part.Rate(1, h); !(rate >= 0 && rate <= 1) {
							t.Errorf("%s of %d epochs of %d steps: rate %v at step %d", name, epochs, steps, rate, h.Step)
						}
					}
					h.Values = append(h.Values, 1)
				}
			}
		}
	}
	for _, p := range []Schedule{Cosine{Cycles: 3, Growth: 2, Pace: Pace{Per: "step", Warmup: 9}}, Linear{Pace: Pace{Per: "epoch", Warmup: 0.5}}} {
		for step := 1; step <= 6; step++ {
			if rate := p.Rate(1, History{Epoch: (step + 1) / 2, Epochs: 3, Step: step, StepsPerEpoch: 2}); !(rate >= 0 && rate <= 1) {
				t.Errorf("%+v: rate %v at step %d", p, rate, step)
			}
		}
	}
}

func TestSchedulesThatCannotBe(t *testing.T) {
	if (StepDecay{At: []int{3, 3}}).Validate() == nil || (InverseSqrt{}).Validate() == nil {
		t.Error("a list that does not rise, or no timescale, was let through")
	}
}

// TestTinyRatesStay: as in PyTorch, a rate whose change would be 1e-8 or less is left alone.
func TestTinyRatesStay(t *testing.T) {
	t.Parallel()
	p := PlateauPyTorch{Factor: 0.1, Threshold: 1e-4, ThresholdMode: "relative"}
	h := History{Better: stage.LowerBetter, Values: []float64{1, 1, 1, 1}} // three epochs without a better value
	for base, want := range map[float64]float64{1: 1e-3, 2e-8: 2e-9, 1e-8: 1e-8} {
		if got := p.Rate(base, h); !(math.Abs(got/want-1) <= 1e-9) {
			t.Errorf("from %g: %g, want %g", base, got, want)
		}
	}
}
