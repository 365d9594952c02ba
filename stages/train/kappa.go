package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("kappa", "ordinal: logarithm of one minus the batch's soft quadratic kappa (de la Torre et al. 2018)", Kappa{Power: 2})
}

// Kappa is a surrogate of quadratic weighted kappa (de la Torre, Puig and Valls
// 2018, Weighted kappa loss function for multi-class classification of ordinal
// data in deep learning, equation 11; TensorFlow Addons' WeightedKappaLoss): with
// costs |i − j|^Power,
//
//	loss = log(observed cost / cost of guessing with the same frequencies + 1e-6)
//
// It is a number of the whole batch: it wants large batches and cannot be added up
// from parts. Classes must stand in their order.
type Kappa struct {
	Power float64 `help:"2 is quadratic kappa, 1 linear" over:"0"`
}

// Fits wants an order of at least two classes.
func (Kappa) Fits(classes []string) error { return ordinal(classes) }

// Of reduces the batch to one number.
func (k Kappa) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	return s.Kappa(byWeights.batch(logits_BK, t), k.Power)
}

// BelowZero is true of a logarithm.
func (Kappa) BelowZero() bool { return true }

// Watch names the number that the loss is about: nothing in it makes probabilities true, so the
// log loss of validation says nothing about it, and rises while it falls.
func (Kappa) Watch() (number, metric string) { return "kappa", "kappa" }

// Ordered is true: the classes are grades.
func (Kappa) Ordered() bool { return true }
