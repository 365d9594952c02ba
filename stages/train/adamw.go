package train

import "vertebra/stages/internal/torch"

func init() {
	Optimizers.Add("adamw", "Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019)", AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01})
}

// AdamW is torch.optim.AdamW.
type AdamW struct {
	Rate        float64 `help:"learning rate" over:"0"`
	Beta1       float64 `help:"decay of the mean gradient" min:"0" under:"1"`
	Beta2       float64 `help:"decay of the mean squared gradient" min:"0" under:"1"`
	Eps         float64 `help:"added to the root of the mean square" over:"0"`
	WeightDecay float64 `help:"share of the weight that each step removes, times the rate" min:"0"`
}

// Rule is AdamW's.
func (a AdamW) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleAdamW, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps}
}

// Settings are rate and decoupled decay.
func (a AdamW) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
