package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("symmetric_cross_entropy", "cross-entropy both ways, which wrong labels move less (Wang et al. 2019)",
		SymmetricCrossEntropy{Alpha: 0.1, Beta: 1, LogZero: -4, Reduce: byWeights})
}

// SymmetricCrossEntropy is the symmetric cross-entropy (Wang et al. 2019, Symmetric Cross
// Entropy for Robust Learning with Noisy Labels, equation 7) of softmax probabilities: that of the
// labels by what the net says, and the reverse, −Σ_k p_k·log q_k, where log 0 is LogZero:
//
//	loss_B = Σ_k w_k·q_k·(−Alpha·log p_k − Beta·LogZero·(1 − p_k))
//
// Of soft labels it is the mean of the classes' losses by their shares, as with mixup.
type SymmetricCrossEntropy struct {
	Alpha   float64 `help:"weight of cross-entropy; less bears more wrong labels and learns slower" over:"0"`
	Beta    float64 `help:"weight of the reverse" min:"0"`
	LogZero float64 `help:"what the logarithm of a label of 0 counts as; code of others that limits labels to 1e-4 has -9.21" max:"0"`
	Reduce
}

// Of reduces the batch to one number.
func (c SymmetricCrossEntropy) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	b, slope := c.batch(logits_BK, t), c.Beta*c.LogZero
	number := func(v float64) torch.Tensor { return s.FromFloat32([]float32{float32(v)}, 1, 1) }
	reverse_BK := s.Scale(s.Softmax(logits_BK), number(slope), number(-slope))
	return s.Add(s.Times(s.SoftmaxCrossEntropy(b, 0), c.Alpha), s.LossOfCosts(b, reverse_BK))
}
