package train

import (
	"fmt"

	"vertebra/stages/internal/torch"
)

func init() {
	Losses.Add("pairwise_auc", "area under the ROC curve: each case of a class should stand above each other case of the batch",
		PairwiseAUC{Margin: 1, CrossEntropy: 1})
}

// PairwiseAUC is the squared hinge over pairs (LibAUC's PairwiseAUCLoss, squared_hinge; Gao and Zhou
// 2015, On the Consistency of AUC Pairwise Optimization), one class against the rest: with the log odds
// f = log p_k − log(1 − p_k), which for two classes are the difference of the logits,
//
//	loss = mean over k of mean over pairs (i of class k, j of another) of max(0, Margin − (f_i − f_j))²
//
// Cases are compared with those of the same target. Soft labels weigh a pair by q_i·(1 − q_j),
// and class weights the mean over the classes. Adding a number to all f of a class changes
// nothing, so the pairs alone leave it open which class is the likeliest: CrossEntropy settles that.
//
// It is no AUC margin loss (Yuan et al. 2021): that one learns means and a multiplier beside
// the net, and goes up along one of them, where a loss here depends on nothing but its batch.
// Large batches have more pairs; the loss cannot be added up from parts.
type PairwiseAUC struct {
	Margin       float64 `help:"how far above the other a case should stand, in log odds" over:"0"`
	CrossEntropy float64 `help:"weight of cross-entropy, which is added; without it, 0, cases are ranked and their probabilities mean nothing" min:"0"`
}

// Fits wants a class to tell from another.
func (PairwiseAUC) Fits(classes []string) error {
	if len(classes) < 2 {
		return fmt.Errorf("it compares cases of at least two classes, there are %d", len(classes))
	}
	return nil
}

// Of reduces the batch to one number.
func (p PairwiseAUC) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	info := s.Describe(logits_BK)
	if len(info.Shape) == 0 {
		return torch.Tensor{}
	}
	b := byWeights.batch(logits_BK, t)
	ranked := s.Pairs(b, s.FromInt64(padded(t.together(int(info.Shape[0])))), p.Margin)
	if p.CrossEntropy == 0 {
		return ranked
	}
	return s.Add(ranked, s.Times(s.SoftmaxCrossEntropy(b, 0), p.CrossEntropy))
}

// together lists the n rows by their target.
func (t Targets) together(n int) [][]int64 {
	if t.Target_B == nil {
		return [][]int64{toInt64(between(0, n))}
	}
	of := make([][]int64, len(t.CountsOf_QK))
	for i, target := range t.Target_B {
		of[target] = append(of[target], int64(i))
	}
	return of
}

func toInt64(list []int) []int64 {
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = int64(v)
	}
	return out
}

// Watch names what the loss is about where cross-entropy has no part in it.
func (p PairwiseAUC) Watch() (number, metric string) {
	if p.CrossEntropy > 0 {
		return "", ""
	}
	return "macro_auroc", "auroc"
}
