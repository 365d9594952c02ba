package arrangement

import (
	"math"
	"testing"
)

// TestSure: alone, a name is as sure as its chance; beside another, the candidate at the usual
// offset is much surer, and one far from it less; chances of 1 together leave nothing elsewhere.
func TestSure(t *testing.T) {
	t.Parallel()
	near := func(got, want float64) bool { return math.Abs(got-want) < 1e-12 }
	alone := Arrangement{Names: []string{"a", "b"}}
	got := alone.Sure([][]Candidate{{{Chance: 0.2}, {Chance: 0.3}}, nil}, []int{1, -1})
	if !near(got[0], 0.3) || got[1] != 0 {
		t.Errorf("alone: %v", got)
	}
	got = alone.Sure([][]Candidate{{{Chance: 0.9}, {Chance: 0.6}}, {{Chance: 1}}}, []int{0, 0})
	if !near(got[0], 0.6) || !near(got[1], 1) {
		t.Errorf("of more than 1: %v", got)
	}

	pair := Arrangement{Names: []string{"a", "b"}, Pairs: []Pair{{From: 0, To: 1, Studies: 9, Offset: [3]float64{0, 0, 30}, Spread: [6]float64{4, 0, 4, 0, 0, 4}}}}
	candidates := [][]Candidate{{{At: &Place{}, Chance: 1}}, {{At: &Place{Z: 30}, Chance: 0.1}, {At: &Place{Z: 60}, Chance: 0.1}}}
	// Both names are in one pair, which counts for each of them: twice the fit. 30 mm are 15 of the
	// spread's deviations.
	exact, far := 0.1, 0.1*math.Exp(2*fitOf(15*15))
	sum := exact + far
	for at, want := range map[int]float64{0: exact / sum, 1: far / sum} {
		if got := pair.Sure(candidates, []int{0, at}); !near(got[1], want) {
			t.Errorf("candidate %d: %v, want %v", at, got[1], want)
		}
	}
	if sure := exact / sum; sure < 0.999 {
		t.Errorf("the usual offset is %v sure", sure)
	}
}
