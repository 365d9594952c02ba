package train

import "vertebra/stages/internal/torch"

func init() {
	Optimizers.Add("lion", "steps of one size, along the sign of a mean gradient (Chen et al. 2023)", Lion{Rate: 1e-4, Beta1: 0.9, Beta2: 0.99})
}

// Lion is program 1 of Chen et al. 2023 (Symbolic Discovery of Optimization
// Algorithms). It wants a rate 3 to 10 times lower than AdamW's, and a decay as
// many times higher.
type Lion struct {
	Rate        float64 `help:"learning rate" over:"0"`
	Beta1       float64 `help:"share of the mean gradient in what decides the step" min:"0" under:"1"`
	Beta2       float64 `help:"decay of the mean gradient" min:"0" under:"1"`
	WeightDecay float64 `help:"share of the weight that each step removes, times the rate" min:"0"`
}

// Rule is Lion's.
func (a Lion) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleLion, Beta1: a.Beta1, Beta2: a.Beta2}
}

// Settings are rate and decoupled decay.
func (a Lion) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
