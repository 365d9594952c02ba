package train

import (
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
)

// TestRSNALogLossWeights: weights of classes come on top of those of the severities.
func TestRSNALogLossWeights(t *testing.T) {
	ref := readLosses(t)
	onEngine(t, func(s *torch.Scope) {
		of := func(weights [3]float64, balance []float32) float64 {
			z, targets := ref.rows(s, lossCase{}, 0, len(ref.Labels))
			if balance != nil {
				targets.ClassWeights_K = s.FromFloat32(balance, 3)
			}
			return s.Float64s(RSNALogLoss{Weights: weights, AnySevereWeight: 1}.Of(s, z, targets))[0]
		}
		both, product, severity := of([3]float64{1, 2, 4}, []float32{2, 0.5, 3}), of([3]float64{2, 1, 12}, nil), of([3]float64{1, 2, 4}, nil)
		if s.Err() != nil || !(math.Abs(both-product) <= 1e-6) || !(math.Abs(both-severity) > 1e-3) {
			t.Errorf("got %v, want %v, and not %v: %v", both, product, severity, s.Err())
		}
	})
}

// TestRSNALogLossOfUnknownConditions: a condition that the metric does not know is an error.
func TestRSNALogLossOfUnknownConditions(t *testing.T) {
	ref := readLosses(t)
	onEngine(t, func(s *torch.Scope) {
		err := s.Try(func(s *torch.Scope) {
			z, targets := ref.rows(s, lossCase{}, 0, len(ref.Labels))
			targets.Tags_B[3] = map[string]string{"condition": "scoliosis"}
			RSNALogLoss{Weights: [3]float64{1, 2, 4}}.Of(s, z, targets)
		})
		if err == nil {
			t.Error("got no error")
		}
	})
}

// TestRSNARows: canals are those of a study, in the order in which studies appear; without studies
// there are none.
func TestRSNARows(t *testing.T) {
	t.Parallel()
	tag := func(condition string) map[string]string { return map[string]string{"condition": condition} }
	targets := Targets{Groups_B: []string{"b", "a", "b", "a", "b"}}
	for _, condition := range []string{"Spinal Canal Stenosis", "spinal_canal_stenosis", "left_subarticular_stenosis", "right_neural_foraminal_narrowing", "spinal_canal_stenosis"} {
		targets.Tags_B = append(targets.Tags_B, tag(condition))
	}
	conditions, canals, err := rsnaRows(targets)
	if err != nil || !slices.Equal(conditions, []int64{0, 0, 2, 1, 0}) || len(canals) != 2 || !slices.Equal(canals[0], []int64{0, 4}) || !slices.Equal(canals[1], []int64{1}) {
		t.Errorf("got %v, %v, %v", conditions, canals, err)
	}
	if data, rows, columns := padded(canals); rows != 2 || columns != 2 || !slices.Equal(data, []int64{0, 4, 1, -1}) {
		t.Errorf("got %v of %d×%d", data, rows, columns)
	}
	targets.Groups_B = nil
	if _, canals, err = rsnaRows(targets); err != nil || canals != nil {
		t.Errorf("without studies: got %v, %v", canals, err)
	}
}
