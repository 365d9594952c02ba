package train

import (
	"math"

	"vertebra/stages/internal/torch"
)

func init() {
	Losses.Add("distance_weighted", "ordinal: what the net gives to other classes costs more the farther they are (Polat et al. 2022)",
		DistanceWeighted{Power: 2, Reduce: byWeights})
}

// DistanceWeighted is the class distance weighted cross-entropy (Polat et al. 2022, Class
// Distance Weighted Cross-Entropy Loss for Ulcerative Colitis Severity Estimation, equation 2) of
// softmax probabilities:
//
//	loss_B = −Σ_c w_c·q_c·Σ_k |k − c|^Power·log(1 − p_k)
//
// Classes must stand in their order. The paper found powers from 5 to 7 the best for its
// four grades; where grades are hard to tell apart, high powers draw the net to the middle ones.
type DistanceWeighted struct {
	Power float64 `help:"how much faster than the distance the cost grows; the paper has 5 to 7 for four grades, and high powers favour the middle ones" over:"0" max:"16"`
	Reduce
}

// Fits wants an order of at least two classes.
func (DistanceWeighted) Fits(classes []string) error { return ordinal(classes) }

// Of reduces the batch to one number.
func (d DistanceWeighted) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	return s.LossOfTable(d.batch(logits_BK, t), distances(s, len(t.Counts_K), d.Power), true)
}

// distances_KK are |i − k|^power.
func distances(s *torch.Scope, classes int, power float64) torch.Tensor {
	return table(s, classes, func(i, k int) float64 { return math.Pow(math.Abs(float64(i-k)), power) })
}

// table is a number for each class and each other one, (K, K).
func table(s *torch.Scope, classes int, of func(i, k int) float64) torch.Tensor {
	out := make([]float32, 0, classes*classes)
	for i := range classes {
		for k := range classes {
			out = append(out, float32(of(i, k)))
		}
	}
	return s.FromFloat32(out, int64(classes), int64(classes))
}

// Watch names what the loss is about: it makes far mistakes rare and no probabilities true.
func (DistanceWeighted) Watch() (number, metric string) { return "kappa", "kappa" }

// Ordered is true: the classes are grades.
func (DistanceWeighted) Ordered() bool { return true }
