package pretrain

import (
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
)

// TestNeighboursAreThoseOfTheReference holds votes and their measure against scikit-learn's.
func TestNeighboursAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	ref := readReference(t).Neighbours
	taught := answered{labels: ref.Labels}
	for _, row := range ref.Taught {
		taught.features = append(taught.features, normalised(row))
	}
	var said []int
	for _, row := range ref.Asked {
		row = normalised(row)
		cosines := make([]float32, len(taught.features))
		for i, other := range taught.features {
			for k := range row {
				cosines[i] += row[k] * other[k]
			}
		}
		said = append(said, vote(taught, cosines, 3))
	}
	if !slices.Equal(said, ref.Said) {
		t.Errorf("got %v, want %v", said, ref.Said)
	}
	if got := balancedAccuracy(ref.Truth, said, 4); math.Abs(got-ref.Balanced) > 1e-12 { // the fourth class never occurs
		t.Errorf("got %v, want %v", got, ref.Balanced)
	}
}

// TestVoteOfFew: where there are fewer images than neighbours, all vote, and the nearer weigh more.
func TestVoteOfFew(t *testing.T) {
	t.Parallel()
	taught := answered{labels: []int{0, 0, 1}}
	if got := vote(taught, []float32{0.1, 0.1, 0.9}, 2); got != 1 {
		t.Errorf("the nearest was outvoted: %d", got)
	}
	if got := vote(taught, []float32{0.89, 0.89, 0.9}, 2); got != 0 {
		t.Errorf("two that are as near were not heard: %d", got)
	}
	if got := normalised([]float32{0, 0}); got[0] != 0 {
		t.Errorf("nothing became %v", got)
	}
	onEngine(t, func(s *torch.Scope) {
		got := s.Float32s(unit(s, s.FromFloat32([]float32{3, 4, 0, 0}, 2, 2)))
		for i, want := range []float32{0.6, 0.8, 0, 0} {
			if math.Abs(float64(got[i]-want)) > 1e-6 {
				t.Errorf("got %v", got)
			}
		}
	})
}
