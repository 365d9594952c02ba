package train

import (
	"math"

	"vertebra/stages/internal/torch"
)

func init() {
	Losses.Add("soft_ordinal", "ordinal: cross-entropy whose labels fade out over the neighbouring classes (SORD, Díaz and Marathe 2019)",
		SoftOrdinal{Power: 2, Scale: 1, Reduce: byWeights})
}

// SoftOrdinal is SORD (Díaz and Marathe 2019, Soft Labels for Ordinal Regression, equations 1
// and 2): the cross-entropy of softened labels,
//
//	q'_k = exp(−Scale·|k − c|^Power) / Σ_i exp(−Scale·|i − c|^Power)
//
// for a case of class c; soft labels are the mixture of these. Classes must stand in their
// order. What the net says becomes as soft as the labels are.
type SoftOrdinal struct {
	Power float64 `help:"of the distance between classes: 1 its absolute value, 2 its square" over:"0" max:"16"`
	Scale float64 `help:"factor on it; more makes labels harder" over:"0"`
	Reduce
}

// Fits wants an order of at least two classes.
func (SoftOrdinal) Fits(classes []string) error { return ordinal(classes) }

// Of reduces the batch to one number.
func (o SoftOrdinal) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	n := len(t.Counts_K)
	near := func(i, k int) float64 { return math.Exp(-o.Scale * math.Pow(math.Abs(float64(i-k)), o.Power)) }
	sums := make([]float64, n)
	for i := range n {
		for k := range n {
			sums[i] += near(i, k)
		}
	}
	softened_KK := table(s, n, func(i, k int) float64 { return near(i, k) / sums[i] })
	return s.LossOfTable(o.batch(logits_BK, t), softened_KK, false)
}

// Ordered is true: the classes are grades.
func (SoftOrdinal) Ordered() bool { return true }
