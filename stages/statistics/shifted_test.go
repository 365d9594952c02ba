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
