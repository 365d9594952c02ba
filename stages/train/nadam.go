package train

import "vertebra/stages/internal/torch"

func init() {
	Optimizers.Add("nadam", "Adam that looks a step ahead, as Nesterov's momentum does (Dozat 2016)",
		NAdam{Rate: 2e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, MomentumDecay: 4e-3, Decay: "coupled"})
}

// NAdam is torch.optim.NAdam.
type NAdam struct {
	Rate          float64 `help:"learning rate" over:"0"`
	Beta1         float64 `help:"decay of the mean gradient, towards which that of the step rises" min:"0" under:"1"`
	Beta2         float64 `help:"decay of the mean squared gradient" min:"0" under:"1"`
	Eps           float64 `help:"added to the root of the mean square" over:"0"`
	MomentumDecay float64 `help:"how fast it rises: at step n it lacks half of 0.96^(n times this)" min:"0"`
	WeightDecay   float64 `help:"share of the weight" min:"0"`
	Decay         string  `help:"that share is added to the gradient as in Adam (coupled), or removed from the weight, times the rate, as in AdamW (decoupled)" oneof:"coupled decoupled"`
}

// Rule is NAdam's.
func (a NAdam) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleNAdam, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps, MomentumDecay: a.MomentumDecay, Decoupled: a.Decay == "decoupled"}
}

// Settings are rate and decay.
func (a NAdam) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
