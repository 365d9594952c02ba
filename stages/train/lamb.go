package train

import "vertebra/stages/internal/torch"

func init() {
	Optimizers.Add("lamb", "Adam whose step in each tensor is as long as the tensor, times the rate; for large batches (You et al. 2020)",
		LAMB{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-6, WeightDecay: 0.01})
}

// LAMB is algorithm 2 of You et al. 2020 (Large Batch Optimization for Deep Learning: Training
// BERT in 76 Minutes), as timm's Lamb computes it. That one also limits the norm of all gradients
// to 1, unless it is told otherwise: here clip: {norm: 1}.
type LAMB struct {
	Rate        float64 `help:"learning rate" over:"0"`
	Beta1       float64 `help:"decay of the mean gradient" min:"0" under:"1"`
	Beta2       float64 `help:"decay of the mean squared gradient" min:"0" under:"1"`
	Eps         float64 `help:"added to the root of the mean square" over:"0"`
	WeightDecay float64 `help:"share of the weight that is added to the direction of the step" min:"0"`
	AlwaysAdapt bool    `help:"weights without decay take steps as long as they are too; else those of Adam, as in timm"`
}

// Rule is LAMB's.
func (a LAMB) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleLAMB, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps, AlwaysAdapt: a.AlwaysAdapt}
}

// Settings are rate and decay.
func (a LAMB) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }
