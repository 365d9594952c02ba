package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("cross_entropy", "negative logarithm of the true class's probability", CrossEntropy{Reduction: "weighted_mean"})
}

// CrossEntropy is torch.nn.functional.cross_entropy, of hard or soft labels:
//
//	loss_B = −Σ_k w_k·q_k·log softmax(logits)_k,  q = (1 − ε)·target + ε/K
//
// with label smoothing ε as Szegedy et al. 2016 (Rethinking the Inception
// Architecture, section 7). PyTorch divides the loss of soft labels by the number
// of cases: there Reduction mean is its mean.
type CrossEntropy struct {
	LabelSmoothing float64 `help:"share of the target that is spread over all classes (Szegedy et al. 2016)" min:"0" under:"1"`
	Reduction      string  `help:"the weighted losses of a batch are added up and divided by the sum of the weights as PyTorch does (weighted_mean), by the number of cases as Keras does (mean), or by nothing (sum)" oneof:"weighted_mean mean sum"`
}

// Of reduces the batch to one number.
func (c CrossEntropy) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	return s.SoftmaxCrossEntropy(Reduce{c.Reduction}.batch(logits_BK, t), c.LabelSmoothing)
}

// Divisor is what the loss of the whole batch t divides by.
func (c CrossEntropy) Divisor(s *torch.Scope, t Targets) torch.Tensor {
	return Reduce{c.Reduction}.Divisor(s, t)
}
