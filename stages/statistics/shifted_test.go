package statistics

import (
	"math"
	"testing"

	"vertebra/stages/stage"
)

// TestAbove: one side holds half of what both do, and what is not above zero is surely not.
func TestAbove(t *testing.T) {
	t.Parallel()
	s := Sample{Value: 1, Clusters: 50}
	r := stage.Rand(3, "above")
	for range 4000 {
		s.Replicates = append(s.Replicates, 1+0.5*r.NormFloat64())
	}
	p, other := Above([]Sample{s})[0], Above([]Sample{s.Shifted(-1, 0)})[0]
	if want := s.PValue() / 2; p != want || math.Abs(p+other-1) > 1e-12 || !(p > 0.01 && p < 0.05) {
		t.Errorf("above zero with p = %v, want %v, below with %v", p, want, other)
	}
	if got := s.Shifted(2, -1); got.Value != 1 || got.Replicates[7] != 2*s.Replicates[7]-1 || got.Jackknife != nil || got.Clusters != 50 {
		t.Errorf("shifted it is %v, with replicate %v", got.Value, got.Replicates[7])
	}
	both := Above([]Sample{s, s.Shifted(1, 0.1)})
	if !(both[0] >= p && both[1] >= Above([]Sample{s.Shifted(1, 0.1)})[0]) {
		t.Errorf("two together are surer than each alone: %v", both)
	}
}

// TestWidely: the variance grows by that of the mean of those asked, times that of Student's t.
func TestWidely(t *testing.T) {
	t.Parallel()
	s := Sample{Value: 2, Clusters: 9, Jackknife: []float64{1}}
	r := stage.Rand(4, "widely")
	for range 20000 {
		s.Replicates = append(s.Replicates, 2+r.NormFloat64())
	}
	values := []float64{1, 2, 3, 4, 5, 6, 7, 8} // of variance 6
	wide := s.Widely(values, 1)
	freedom := float64(len(values) - 1)
	if got, want := variance(wide.Replicates), variance(s.Replicates)+6/8.*freedom/(freedom-2); math.Abs(got/want-1) > 0.05 || math.Abs(Mean(wide.Replicates)-2) > 0.03 {
		t.Errorf("variance %v, want %v; mean %v", got, want, Mean(wide.Replicates))
	}
	if wide.Value != 2 || wide.Clusters != 9 || wide.Jackknife != nil || s.Replicates[0] == wide.Replicates[0] {
		t.Errorf("value %v of %d clusters, jackknife %v", wide.Value, wide.Clusters, wide.Jackknife)
	}
	one := s.Widely([]float64{1}, 1)
	if p := one.PValue(); !math.IsNaN(p) {
		t.Errorf("of one reader p is %v", p)
	}
}
