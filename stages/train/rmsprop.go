package train

import "vertebra/stages/internal/torch"

func init() {
	Optimizers.Add("rmsprop", "divides the gradient by its recent size (Tieleman and Hinton 2012)", RMSprop{Rate: 0.01, Smoothing: 0.99, Eps: 1e-8})
}

// RMSprop is torch.optim.RMSprop, whose alpha is Smoothing.
type RMSprop struct {
	Rate        float64 `help:"learning rate" over:"0"`
	Smoothing   float64 `help:"decay of the mean squared gradient" min:"0" under:"1"`
	Eps         float64 `help:"added to the root of the mean square" over:"0"`
	Momentum    float64 `help:"share of the last update that is kept" min:"0" under:"1"`
	Centered    bool    `help:"divides by the spread of the gradient in place of its size (Graves 2013)"`
	WeightDecay float64 `help:"share of the weight that is added to its gradient" min:"0"`
}

// Rule is RMSprop's.
func (a RMSprop) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleRMSprop, Beta2: a.Smoothing, Eps: a.Eps, Momentum: a.Momentum, Centered: a.Centered}
}

// Settings are rate and coupled decay.
func (a RMSprop) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
