package train

import (
	"errors"

	"vertebra/stages/internal/torch"
)

func init() {
	Optimizers.Add("sgd", "stochastic gradient descent with momentum", SGD{Rate: 0.01, Momentum: 0.9})
}

// SGD is torch.optim.SGD.
type SGD struct {
	Rate        float64 `help:"learning rate" over:"0"`
	Momentum    float64 `help:"share of the last update that is kept" min:"0" under:"1"`
	Dampening   float64 `help:"share of the gradient that momentum leaves out" min:"0" max:"1"`
	Nesterov    bool    `help:"looks ahead along the momentum (Sutskever et al. 2013)"`
	WeightDecay float64 `help:"share of the weight that is added to its gradient" min:"0"`
}

// Validate checks what PyTorch checks.
func (a SGD) Validate() error {
	if a.Nesterov && (a.Momentum == 0 || a.Dampening != 0) {
		return errors.New("nesterov wants a momentum above 0 and a dampening of 0")
	}
	return nil
}

// Rule is SGD's.
func (a SGD) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleSGD, Momentum: a.Momentum, Dampening: a.Dampening, Nesterov: a.Nesterov}
}

// Settings are rate and coupled decay.
func (a SGD) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
