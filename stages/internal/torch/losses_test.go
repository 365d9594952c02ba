package torch

import "testing"

// TestLossOfCostsReducesAsEveryLossDoes: of costs that are known, an ignored case
// counts nothing, and soft targets take their shares.
func TestLossOfCostsReducesAsEveryLossDoes(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		costs := s.FromFloat32([]float32{1, 2, 4, 8, 16, 32}, 3, 2)
		b := Classified{Logits: s.Zeros(Float32, 3, 2), Labels: s.FromInt64([]int64{0, -1, 1}, 3), ClassWeights: s.FromFloat32([]float32{1, 3}, 2), Classes: 2}
		soft := b
		soft.Shares = s.FromFloat32([]float32{0.5, 0.5, 1, 0, 0, 1}, 3, 2)
		for _, c := range []struct {
			name      string
			batch     Classified
			reduction LossReduction
			want      float64
		}{
			{"sum", b, LossSum, 1 + 3*32},
			{"mean of the cases", b, LossMean, (1 + 3*32) / 2.},
			{"mean by weights", b, LossWeightedMean, (1 + 3*32) / 4.},
			{"soft targets", soft, LossSum, 0.5*1 + 0.5*3*2 + 4 + 3*32},
		} {
			c.batch.Reduction = c.reduction
			if got := s.Float64(s.LossOfCosts(c.batch, costs)); got != c.want {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}

	})
}
