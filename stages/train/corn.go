package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("corn", "ordinal: K−1 questions \"worse than k, if at least k?\" (Shi et al. 2021)", Corn{Reduce: byWeights})
}

// Corn is CORN (Shi, Cao and Raschka 2021, Deep Neural Networks for
// Rank-Consistent Ordinal Regression Based on Conditional Probabilities, equation
// 7; coral_pytorch.losses.corn_loss): output k is trained on the cases of class ≥
// k alone, and P(class > k) is the product of the answers up to k. A mean is over
// all questions that were asked. Classes must stand in their order.
type Corn struct{ Reduce }

// Fits wants an order of at least two classes.
func (Corn) Fits(classes []string) error { return ordinal(classes) }

// Of reduces the batch to one number.
func (c Corn) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	return s.CORN(c.batch(logits_BO, t))
}

// Divisor is how many questions the whole batch t asks.
func (c Corn) Divisor(s *torch.Scope, t Targets) torch.Tensor { return s.CORNDivisor(c.whole(s, t)) }

// Outputs is one number for each question.
func (Corn) Outputs(classes int) int { return classes - 1 }

// Probabilities are the differences of products of the answers.
func (Corn) Probabilities(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor {
	return s.Probabilities(logits_BO, torch.OutputCORN)
}

// Ordered is true: the classes are grades.
func (Corn) Ordered() bool { return true }
