package train

import "vertebra/stages/internal/torch"

func init() {
	Losses.Add("generalized_cross_entropy", "cross-entropy that gives way to labels it cannot explain (Zhang and Sabuncu 2018)",
		GeneralizedCrossEntropy{Q: 0.7, Reduce: byWeights})
}

// GeneralizedCrossEntropy is the Lq loss (Zhang and Sabuncu 2018, Generalized
// Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels,
// equation 6) of softmax probabilities:
//
//	loss_B = Σ_k w_k·q_k·(1 − p_k^Q)/Q
//
// Near Q = 0 it is cross-entropy, at Q = 1 half the absolute error of the
// probabilities, which a wrong label moves no more than a right one.
type GeneralizedCrossEntropy struct {
	Q float64 `help:"near 0 as cross-entropy; 1 bears most wrong labels and learns slowest" over:"0" max:"1"`
	Reduce
}

// Of reduces the batch to one number.
func (g GeneralizedCrossEntropy) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	number := func(v float64) torch.Tensor { return s.FromFloat32([]float32{float32(v)}, 1, 1) }
	// A probability of exactly 0 has no finite slope.
	p_BK := s.Clamp(s.Softmax(logits_BK), 1e-12, 1)
	costs_BK := s.Scale(s.Power(p_BK, number(g.Q)), number(-1/g.Q), number(1/g.Q))
	return s.LossOfCosts(g.batch(logits_BK, t), costs_BK)
}
