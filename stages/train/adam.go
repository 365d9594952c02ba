package train

import "vertebra/stages/internal/torch"

func init() {
	Optimizers.Add("adam", "adaptive moments (Kingma and Ba 2015); weight decay is added to the gradient", Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
}

// Adam is torch.optim.Adam.
type Adam struct {
	Rate        float64 `help:"learning rate" over:"0"`
	Beta1       float64 `help:"decay of the mean gradient" min:"0" under:"1"`
	Beta2       float64 `help:"decay of the mean squared gradient" min:"0" under:"1"`
	Eps         float64 `help:"added to the root of the mean square" over:"0"`
	WeightDecay float64 `help:"share of the weight that is added to its gradient" min:"0"`
}

// Rule is Adam's.
func (a Adam) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleAdam, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps}
}

// Settings are rate and coupled decay.
func (a Adam) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
