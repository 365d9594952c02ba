package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("asymmetric", "focuses the true class and the others differently (Ridnik et al. 2021)",
		Asymmetric{Activation: "softmax", GammaPositive: 0, GammaNegative: 4, LabelSmoothing: 0.1, Margin: 0.05, Reduce: Reduce{"mean"}})
}

// Asymmetric is the asymmetric loss (Ridnik et al. 2021, Asymmetric Loss for
// Multi-Label Classification). With softmax it is the authors' single-label form
// (ASLSingleLabel; timm's AsymmetricLossSingleLabel), where label smoothing ε
// brings in the other classes:
//
//	loss_B = −Σ_k ((1 − ε)·y_k + ε/K)·(1 − p_k)^γ+ or p_k^γ−·log p_k
//
// With sigmoid each class is a question of its own (equation 7; timm's
// AsymmetricLossMultiLabel), with p_m = max(p − margin, 0):
//
//	loss_B = −Σ_k y·(1 − p)^γ+·log p + (1 − y)·p_m^γ−·log(1 − p_m)
type Asymmetric struct {
	Activation     string  `help:"softmax for classes that exclude each other, sigmoid for each class against the rest" oneof:"softmax sigmoid"`
	GammaPositive  float64 `help:"focus on the true class's probability" min:"0"`
	GammaNegative  float64 `help:"focus on the probabilities of the others" min:"0"`
	LabelSmoothing float64 `help:"with softmax: share of the target that is spread over all classes" min:"0" under:"1"`
	Margin         float64 `help:"with sigmoid: a wrong class of less probability than this counts nothing" min:"0" under:"1"`
	Reduce
}

// Of reduces the batch to one number.
func (a Asymmetric) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	if a.Activation == "sigmoid" {
		return s.AsymmetricSigmoid(a.batch(logits_BK, t), a.GammaPositive, a.GammaNegative, a.Margin)
	}
	return s.Asymmetric(a.batch(logits_BK, t), a.GammaPositive, a.GammaNegative, a.LabelSmoothing)
}

// Probabilities are the softmax, or the sigmoids scaled to sum 1.
func (a Asymmetric) Probabilities(s *torch.Scope, logits_BK torch.Tensor) torch.Tensor {
	if a.Activation == "sigmoid" {
		return s.Probabilities(logits_BK, torch.OutputSigmoids)
	}
	return s.Softmax(logits_BK)
}
