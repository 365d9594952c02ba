package train

import (
	"math"

	"vertebra/stages/internal/torch"
)

func init() {
	Losses.Add("ldam", "cross-entropy that demands a larger margin of rarer classes (Cao et al. 2019)",
		LDAM{MaxMargin: 0.5, Scale: 1, Reduce: byWeights})
}

// LDAM is the label-distribution-aware margin loss (Cao et al. 2019, Learning
// Imbalanced Datasets with Label-Distribution-Aware Margin Loss, equation 13):
// the true class's logit is lowered by a margin that grows as n_c^(−1/4), before
// the cross-entropy of Scale · logits. Soft labels lower each class's logit by its
// share of the margin. The paper's deferred re-weighting is balance: {class_weights:
// effective, from: …}.
type LDAM struct {
	MaxMargin float64 `help:"margin of the rarest class" min:"0"`
	Scale     float64 `help:"factor on the logits; the paper has 30 with a head of normalised features and weights, 1 suits a plain one" over:"0"`
	Reduce
}

// margins are MaxMargin · (n_min/n_c)^(1/4); 0 for a class without cases.
func (l LDAM) margins(counts []int) []float64 {
	out, rarest := make([]float64, len(counts)), 0.0
	for i, n := range counts {
		if n > 0 {
			out[i] = math.Pow(float64(n), -0.25)
			rarest = max(rarest, out[i])
		}
	}
	for i := range out {
		out[i] *= l.MaxMargin / max(rarest, math.SmallestNonzeroFloat64)
	}
	return out
}

// Of reduces the batch to one number.
func (l LDAM) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	return s.LDAM(l.batch(logits_BK, t), t.perClass(s, l.margins), l.Scale)
}

// Probabilities are softmax(Scale · logits).
func (l LDAM) Probabilities(s *torch.Scope, logits_BK torch.Tensor) torch.Tensor {
	if l.Scale == 1 {
		return s.Softmax(logits_BK)
	}
	return s.Softmax(s.Mul(logits_BK, s.FromFloat32([]float32{float32(l.Scale)}, 1)))
}
