package torch

import (
	"math"
	"testing"
)

// Whole samples are dropped, a share of P of them; the others are scaled so that the mean
// stays. The seed decides which, whatever the rest of a sample holds.
func TestStochasticDepth(t *testing.T) {
	e := open(t)
	do(t, e, func(s *Scope) {
		const samples, each = 4000, 6
		d := StochasticDepth{Name: "features.1.0", P: 0.2}
		pass := func(seed uint64, train bool, value float64) []float64 {
			x := s.Zeros(Float32, samples, 2, 3, 1)
			s.Fill(x, value)
			return s.Float64s(d.Forward(&Pass{Scope: s, Train: train, Seed: seed}, x))
		}
		first, again, other := pass(1, true, 1), pass(1, true, 2), pass(2, true, 1)
		kept, moved := 0, 0
		for i := 0; i < len(first); i += each {
			for j := range each {
				if v := first[i+j]; v != first[i] || v != 0 && !(math.Abs(v-1.25) <= 1e-6) || again[i+j] != 2*v {
					t.Fatalf("sample %d has %v, and %v of twice as much", i/each, first[i:i+each], again[i:i+each])
				}
			}
			if first[i] != 0 {
				kept++
			}
			if other[i] != first[i] {
				moved++
			}
		}
		// four standard deviations of 4000 draws: 0.8 ± 0.025; of two seeds 0.32 ± 0.03
		if !(math.Abs(float64(kept)/samples-0.8) <= 0.025) || !(math.Abs(float64(moved)/samples-0.32) <= 0.03) {
			t.Errorf("%d of %d samples are kept, another seed decides otherwise on %d", kept, samples, moved)
		}
		for _, v := range pass(1, false, 1) {
			if v != 1 {
				t.Fatal("samples are dropped outside training")
			}
		}
	})
}
