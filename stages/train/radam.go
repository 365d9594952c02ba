package train

import "vertebra/stages/internal/torch"

func init() {
	Optimizers.Add("radam", "Adam that holds back while its second moment rests on few gradients (Liu et al. 2020)", RAdam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
}

// RAdam is torch.optim.RAdam.
type RAdam struct {
	Rate        float64 `help:"learning rate" over:"0"`
	Beta1       float64 `help:"decay of the mean gradient" min:"0" under:"1"`
	Beta2       float64 `help:"decay of the mean squared gradient" over:"0.5" under:"1"`
	Eps         float64 `help:"added to the root of the mean square" over:"0"`
	WeightDecay float64 `help:"share of the weight that is added to its gradient" min:"0"`
}

// Rule is RAdam's.
func (a RAdam) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleRAdam, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps}
}

// Settings are rate and coupled decay.
func (a RAdam) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
