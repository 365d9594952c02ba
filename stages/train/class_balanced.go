package train

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Losses.Add("class_balanced", "another loss, with classes weighed by their effective number of cases (Cui et al. 2019)",
		ClassBalanced{Beta: 0.999, Loss: registry.One[Loss]{Name: "cross_entropy", Part: CrossEntropy{Reduction: "mean"}}})
}

// ClassBalanced is Cui et al. 2019 (Class-Balanced Loss Based on Effective Number
// of Samples, equation 10): class weights (1 − β)/(1 − β^n_c), scaled to sum K,
// on another loss. They take the place of balance.class_weights.
type ClassBalanced struct {
	Beta float64            `help:"0 weighs all classes alike, near 1 by the inverse of their number of cases" min:"0" under:"1"`
	Loss registry.One[Loss] `help:"the loss that is weighed"`
}

func (c ClassBalanced) inner() Loss { return c.Loss.Part }

func (c ClassBalanced) weighed(s *torch.Scope, t Targets) Targets {
	t.ClassWeights_K = t.perClass(s, func(counts []int) []float64 { return effectiveWeights(counts, c.Beta) })
	return t
}

// Of reduces the batch to one number.
func (c ClassBalanced) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	return c.Loss.Part.Of(s, logits_BO, c.weighed(s, t))
}

// Divisor is what the weighed loss divides by.
func (c ClassBalanced) Divisor(s *torch.Scope, t Targets) torch.Tensor {
	return Config{Loss: c.Loss}.Divisor(s, c.weighed(s, t))
}

// Outputs is how many the weighed loss wants.
func (c ClassBalanced) Outputs(classes int) int { return outputs(c.Loss.Part, classes) }

// Probabilities are those that the weighed loss means.
func (c ClassBalanced) Probabilities(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor {
	return probabilities(c.Loss.Part, s, logits_BO)
}

// Fits asks the weighed loss.
func (c ClassBalanced) Fits(classes []string) error { return fits(c.Loss.Part, classes) }
