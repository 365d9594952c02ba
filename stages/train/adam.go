package train

import "vertebra/stages/internal/torch"

func init() {
	Optimizers.Add("adam", "adaptive moments (Kingma and Ba 2015); weight decay is added to the gradient", Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, EpsAdded: "after_correction"})
}

// Adam is torch.optim.Adam, or with EpsAdded before_correction keras.optimizers.Adam:
// its step is rate·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + eps), the last line of section 2 of the
// paper, so that its eps is larger by 1/√(1−β₂ᵗ) than PyTorch's in early steps.
type Adam struct {
	Rate        float64 `help:"learning rate" over:"0"`
	Beta1       float64 `help:"decay of the mean gradient" min:"0" under:"1"`
	Beta2       float64 `help:"decay of the mean squared gradient" min:"0" under:"1"`
	Eps         float64 `help:"added to the root of the mean square" over:"0"`
	EpsAdded    string  `help:"to the root after its correction for the zeros that it began with, as PyTorch does, or before, as Keras does" oneof:"after_correction before_correction"`
	WeightDecay float64 `help:"share of the weight that is added to its gradient" min:"0"`
}

// Rule is Adam's.
func (a Adam) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleAdam, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps, EpsBeforeCorrection: a.EpsAdded == "before_correction"}
}

// Settings are rate and coupled decay.
func (a Adam) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
