// Package train fits a net in phases: which groups train, at which rate, until
// when, and which weights the next phase begins with.
package train

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Optimizer describes how gradients become new weights.
type Optimizer interface {
	// Rule is what the engine computes.
	Rule() torch.Rule
	// Settings are the learning rate and the weight decay.
	Settings() (rate, decay float64)
}

// Loss is what training makes small.
type Loss interface {
	// Of gives one number for logits_BK and targets_B; weights_K may be the
	// zero Tensor.
	Of(s *torch.Scope, logits_BK, targets_B, weights_K torch.Tensor) torch.Tensor
}

// Schedule gives the learning rate of an epoch. It is a pure function of what
// happened before, so that a resumed run needs no state of it.
type Schedule interface {
	Rate(base float64, h History) float64
}

// History is what a schedule may look at.
type History struct {
	Epoch  int             // the coming epoch of the phase, from 1
	Epochs int             // of the phase
	Values []float64       // of the monitored number, one for each past epoch of the phase
	Better stage.Direction // which way the number is better
}

// The parts of training.
var (
	Optimizers = registry.New[Optimizer]("optimizer")
	Losses     = registry.New[Loss]("loss")
	Schedules  = registry.New[Schedule]("schedule")
)

// better says whether value beats best by more than delta.
func better(d stage.Direction, value, best, delta float64) bool {
	if d == stage.HigherBetter {
		return value > best+delta
	}
	return value < best-delta
}
