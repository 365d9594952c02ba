package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("cross_entropy", "negative logarithm of the true class's probability", CrossEntropy{Reduction: "weighted_mean"})
}

// CrossEntropy is torch.nn.functional.cross_entropy.
type CrossEntropy struct {
	LabelSmoothing float64 `help:"share of the target that is spread over all classes (Szegedy et al. 2016)" min:"0" under:"1"`
	Reduction      string  `help:"with class weights: divide by the sum of the weights as PyTorch does, or by the number of samples as Keras does" oneof:"weighted_mean mean"`
}

// Of reduces the batch to one number.
func (c CrossEntropy) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	if c.Reduction == "weighted_mean" {
		return s.CrossEntropy(logits_BK, t.Labels_B, t.ClassWeights_K, torch.ReduceMean, c.LabelSmoothing)
	}
	return s.Mean(s.CrossEntropy(logits_BK, t.Labels_B, t.ClassWeights_K, torch.ReduceNone, c.LabelSmoothing))
}
