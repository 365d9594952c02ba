package train

import (
	"math"

	"vertebra/stages/internal/torch"
)

func init() {
	Losses.Add("logit_adjusted", "cross-entropy that knows how rare each class is, so that what the net says does not (Menon et al. 2021)",
		LogitAdjusted{Tau: 1, Reduce: byWeights})
}

// LogitAdjusted is the logit-adjusted softmax cross-entropy (Menon et al. 2021, Long-Tail
// Learning via Logit Adjustment, equation 10):
//
//	loss_B = −Σ_k w_k·q_k·log softmax(logits + Tau·log π)_k
//
// with π the share of each class among the training cases, of the row's target where there are several.
// The probabilities are softmax(logits), without π: at Tau = 1 they are those of classes
// that are all as frequent, so the likeliest class is the one for balanced accuracy. As in the
// authors' code 1e-12 is added to π^Tau, for a class without cases.
type LogitAdjusted struct {
	Tau float64 `help:"0 is cross-entropy; 1 says what a net would of classes that are all as frequent; more favours rare ones further" min:"0"`
	Reduce
}

// adjustments are log(π^Tau + 1e-12).
func (l LogitAdjusted) adjustments(counts []int) []float64 {
	out, all := make([]float64, len(counts)), 0
	for _, n := range counts {
		all += n
	}
	for i, n := range counts {
		out[i] = math.Log(math.Pow(float64(n)/max(float64(all), 1), l.Tau) + 1e-12)
	}
	return out
}

// Of reduces the batch to one number.
func (l LogitAdjusted) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	adjusted_BK := s.Add(s.To(logits_BK, torch.Float32), t.perClass(s, l.adjustments))
	return s.SoftmaxCrossEntropy(l.batch(adjusted_BK, t), 0)
}
