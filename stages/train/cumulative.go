package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("cumulative", "ordinal: one scale that is cut into classes by thresholds (McCullagh 1980)", Cumulative{Reduce: byWeights})
}

// Cumulative is the negative log-likelihood of a cumulative-link model with the
// logistic link (McCullagh 1980, Regression Models for Ordinal Data, section 2):
//
//	P(class > k) = sigmoid(z_k),  z_1 = o_1,  z_k = z_(k−1) − softplus(o_k)
//
// The thresholds depend on the image as well and stay in order by themselves;
// where the gaps are constant, this is the proportional-odds model. Classes must
// stand in their order.
type Cumulative struct{ Reduce }

// Fits wants an order of at least two classes.
func (Cumulative) Fits(classes []string) error { return ordinal(classes) }

// Of reduces the batch to one number.
func (c Cumulative) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	return s.Cumulative(c.batch(logits_BO, t))
}

// Outputs is a threshold, and the gaps to the others.
func (Cumulative) Outputs(classes int) int { return classes - 1 }

// Probabilities are those of the model.
func (Cumulative) Probabilities(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor {
	return s.Probabilities(logits_BO, torch.OutputCumulative)
}

// Ordered is true: the classes are grades.
func (Cumulative) Ordered() bool { return true }
