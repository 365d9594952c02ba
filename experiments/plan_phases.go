package experiments

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"vertebra/stages/evaluate"
	"vertebra/stages/model"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Phase is what one phase of training would do.
type Phase struct {
	Name      string   `json:"name"`
	Epochs    int      `json:"epochs"` // at most
	Groups    []string `json:"groups"` // and patterns, that are trained from its beginning
	Joining   []Join   `json:"joining,omitempty"`
	Trainable int64    `json:"trainable_parameters"` // in its last epoch
	BatchNorm string   `json:"batch_norm"`
	// Factors are what the rate is multiplied by in some layers; none where all have
	// the same.
	Factors        []LayerFactor `json:"factors,omitempty"`
	Optimizer      string        `json:"optimizer"`
	Others         []string      `json:"other_optimizers,omitempty"` // "head: sgd at 0.01"
	OptimizerState string        `json:"optimizer_state"`
	Schedule       string        `json:"schedule"`
	// Rates are the learning rates at the beginning of each epoch. Follows says
	// that they depend on the monitored number; they are then those of a run in
	// which it never gets better.
	Rates    []float64 `json:"rates"`
	Follows  bool      `json:"follows_monitor"`
	Views    int       `json:"views,omitempty"`
	Features Features  `json:"features"`
	Work     Work      `json:"work"`
	Monitor  string    `json:"monitor"`
	Patience int       `json:"patience,omitempty"` // of early stopping
	Keep     string    `json:"keep"`
	From     string    `json:"from,omitempty"` // not of the first
}

// Features say whether the outputs of layers that the phase leaves alone are
// computed once, and if not, why.
type Features struct {
	Before string `json:"before"` // the first layer that the phase changes
	Layers int    `json:"layers"` // before it
	Views  int    `json:"views"`  // of each training image; 0: computed in every epoch
	Bytes  int64  `json:"bytes"`
	File   bool   `json:"in_a_file"`
	Why    string `json:"why_not,omitempty"`
}

// Join says which groups join the training with an epoch of the phase.
type Join struct {
	Epoch  int      `json:"epoch"`
	Groups []string `json:"groups"`
}

// LayerFactor is what the learning rate is multiplied by in a layer.
type LayerFactor struct {
	Layer  string  `json:"layer"`
	Factor float64 `json:"factor"`
}

func planPhases(e Experiment, size model.Size, data DataPlan, drawn, steps int) []Phase {
	var out []Phase
	for i, p := range e.Train.Phases {
		phase := planPhase(e, size, p)
		phase.Features, phase.Work = planFeatures(e, p, 1, size, data), planWork(e, p, size, data, drawn)
		if i > 0 {
			phase.From = p.From
		}
		optimizer := e.Train.Optimizer
		if p.Optimizer != nil {
			optimizer = *p.Optimizer
		}
		base, _ := optimizer.Part.Settings()
		if p.Rate != nil {
			base = *p.Rate
		}
		direction := monitorDirection(e, phase.Monitor)
		phase.Optimizer = optimizer.Name
		for _, group := range slices.Sorted(maps.Keys(p.Optimizers)) {
			rate, _ := p.Optimizers[group].Part.Settings()
			phase.Others = append(phase.Others, fmt.Sprintf("%s: %s at %.4g", group, p.Optimizers[group].Name, rate))
		}
		phase.Rates = rates(p, base, steps, direction, stalled)
		phase.Follows = unequal(phase.Rates, rates(p, base, steps, direction, improving))
		out = append(out, phase)
	}
	return out
}

func planPhase(e Experiment, size model.Size, p train.Phase) Phase {
	groups := model.Groups(e.Model)
	phase := Phase{
		Name: p.Name, Epochs: p.Epochs, Groups: p.Words(groups, 1), BatchNorm: p.BatchNorm, OptimizerState: p.OptimizerState,
		Schedule: p.Schedule.Name, Views: p.Views, Monitor: e.Train.Monitor, Keep: p.Keep,
		Trainable: size.Count(p.Trains(groups, p.Epochs)), Factors: layerFactors(p, size, groups),
	}
	for epoch := 2; epoch <= p.Epochs && p.Unfreeze != nil; epoch++ {
		if before, now := p.Words(groups, epoch-1), p.Words(groups, epoch); len(now) > len(before) {
			phase.Joining = append(phase.Joining, Join{epoch, now[len(before):]})
		}
	}
	if p.Monitor != "" {
		phase.Monitor = p.Monitor
	}
	if p.Stop != nil {
		phase.Patience = p.Stop.Patience
	}
	return phase
}

func planFeatures(e Experiment, p train.Phase, epoch int, size model.Size, data DataPlan) Features {
	net := e.outline()
	layers, above := net.Fixed(p.Trains(net.Groups, epoch), p.BatchNorm)
	numbers := 0
	if layers > 0 {
		numbers = int(size.Outputs[layers-1])
	}
	plan := e.Train.PlanFeatures(p, e.Augment, layers, numbers, data.of(stage.Train), data.of(stage.Validation))
	return Features{Before: above, Layers: plan.Layers, Views: plan.Views, Bytes: plan.Bytes, File: plan.File, Why: plan.Why}
}

// layerFactors lists the trained layers from the head down, each with the factor of
// its rate, unless all have 1. Neighbours within a layer may differ by a pattern:
// then there is a line for each factor.
func layerFactors(p train.Phase, size model.Size, groups []string) (out []LayerFactor) {
	trained, plain := p.Trains(groups, p.Epochs), true
	for i := len(size.Parameters) - 1; i >= 0; i-- {
		parameter := size.Parameters[i]
		if parameter.Buffer || !trained(parameter.Name) {
			continue
		}
		f := LayerFactor{model.Narrowest(model.LayerNames(groups), parameter.Name), p.Factor(parameter.Name, groups)}
		plain = plain && f.Factor == 1
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	if plain {
		return nil
	}
	return out
}

func monitorDirection(e Experiment, monitor string) stage.Direction {
	for _, s := range evaluate.Names(e.Measures()) {
		if validation+s.Name == monitor {
			return s.Better
		}
	}
	if monitor == "train.accuracy" {
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
