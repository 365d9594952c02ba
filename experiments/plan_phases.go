package experiments

import (
	"math"

	"vertebra/stages/evaluate"
	"vertebra/stages/model"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Phase is what one phase of training would do.
type Phase struct {
	Name      string   `json:"name"`
	Epochs    int      `json:"epochs"` // at most
	Groups    []string `json:"groups"`
	Trainable int64    `json:"trainable_parameters"`
	Schedule  string   `json:"schedule"`
	// Rates are the learning rates at the beginning of each epoch. Follows says
	// that they depend on the monitored number; they are then those of a run in
	// which it never gets better.
	Rates    []float64 `json:"rates"`
	Follows  bool      `json:"follows_monitor"`
	Patience int       `json:"patience,omitempty"` // of early stopping
	Keep     string    `json:"keep"`
	From     string    `json:"from,omitempty"` // not of the first
}

func planPhases(e Experiment, size model.Size, steps int) []Phase {
	var out []Phase
	for i, p := range e.Train.Phases {
		phase := Phase{Name: p.Name, Epochs: p.Epochs, Groups: p.Train, Schedule: p.Schedule.Name, Keep: p.Keep}
		phase.Trainable = size.Count(func(name string) bool { return phaseTrains(p, name) })
		base, _ := e.Train.Optimizer.Part.Settings()
		if p.Rate != nil {
			base = *p.Rate
		}
		direction := monitorDirection(e)
		phase.Rates = rates(p, base, steps, direction, stalled)
		phase.Follows = unequal(phase.Rates, rates(p, base, steps, direction, improving))
		if p.Stop != nil {
			phase.Patience = p.Stop.Patience
		}
		if i > 0 {
			phase.From = p.From
		}
		out = append(out, phase)
	}
	return out
}

func phaseTrains(p train.Phase, name string) bool {
	for _, group := range p.Train {
		if model.Selects(group, name) {
			return true
		}
	}
	return false
}

func monitorDirection(e Experiment) stage.Direction {
	for _, s := range evaluate.Names(e.Evaluate) {
		if validation+s.Name == e.Train.Monitor {
			return s.Better
		}
	}
	if e.Train.Monitor == "train.accuracy" {
		return stage.HigherBetter
	}
	return stage.LowerBetter
}

// stalled and improving are courses of a monitored number for which lower is
// better.
func stalled(int) float64         { return 1 }
func improving(epoch int) float64 { return 1 / float64(epoch+1) }

// rates asks a schedule for the rate at the beginning of each epoch.
func rates(p train.Phase, base float64, steps int, better stage.Direction, course func(epoch int) float64) []float64 {
	h := train.History{Epochs: p.Epochs, StepsPerEpoch: max(1, steps), Better: better}
	out := make([]float64, p.Epochs)
	for i := range out {
		h.Epoch, h.Step = i+1, i*h.StepsPerEpoch+1
		out[i] = p.Schedule.Part.Rate(base, h)
		value := course(i)
		if better == stage.HigherBetter {
			value = -value
		}
		h.Values = append(h.Values, value)
	}
	return out
}

func unequal(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return true
		}
	}
	return false
}

// Sparkline draws numbers from 0 to the largest as one line of at most width
// signs; of neighbours that share a sign the largest counts.
func Sparkline(values []float64, width int) string {
	signs := []rune("▁▂▃▄▅▆▇█")
	most := 0.0
	for _, v := range values {
		most = math.Max(most, v)
	}
	n := min(width, len(values))
	out := make([]rune, n)
	for i := range out {
		high := 0.0
		for _, v := range values[i*len(values)/n : max((i+1)*len(values)/n, i*len(values)/n+1)] {
			high = math.Max(high, v)
		}
		at := 0
		if most > 0 {
			at = int(math.Round(high / most * float64(len(signs)-1)))
		}
		out[i] = signs[min(max(at, 0), len(signs)-1)]
	}
	return string(out)
}
