package stratify

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestRarest is the stratum with fewest cases in all of those that a group has.
func TestRarest(t *testing.T) {
	t.Parallel()
	totals := []float64{10, 3, 1, 7}
	for want, counts := range map[int][]float64{0: {1, 0, 0, 0}, 1: {5, 1, 0, 9}, 2: {1, 1, 1, 1}, 3: {2, 0, 0, 2}, -1: {0, 0, 0, 0}} {
		if got := rarest(counts, totals); got != want {
			t.Errorf("%v: got %d, want %d", counts, got, want)
		}
	}
}

// TestInTurn: each beginning of the order holds its share of every stratum, to one group; the order
// within one is drawn by the seed, whatever order groups come in.
func TestInTurn(t *testing.T) {
	t.Parallel()
	var groups []*Group
	for i := range 120 {
		g := &Group{Name: fmt.Sprintf("g%03d", i), Counts: []float64{1, 0, 0}}
		if i >= 90 { // rare ones hold others too
			g.Counts = []float64{1, 1, 0}
		}
		if i >= 110 {
			g.Counts = []float64{3, 1, 1}
		}
		groups = append(groups, g)
	}
	names := func(seed uint64) (out []string) {
		for _, g := range InTurn(seed, groups) {
			out = append(out, g.Name)
		}
		return out
	}
	first := names(1)
	for n := range first {
		var of [3]float64
		for _, name := range first[:n] {
			of[slices.IndexFunc([]string{"g090", "g110", "g999"}, func(end string) bool { return name < end })]++
		}
		for k, all := range []float64{90, 20, 10} {
			if want := all * float64(n) / 120; !(math.Abs(of[k]-want) <= 1) {
				t.Fatalf("of the first %d groups %v are of stratum %d, want %.1f", n, of[k], k, want)
			}
		}
	}
	for _, rare := range [2]string{"g090", "g110"} { // drawn, and not in the order of their names
		in := slices.DeleteFunc(slices.Clone(first), func(name string) bool { return name < rare })
		if other := slices.DeleteFunc(names(2), func(name string) bool { return name < rare }); slices.IsSorted(in) || slices.Equal(in, other) {
			t.Errorf("from %s on: %v with one seed, %v with another", rare, in, other)
		}
	}
	slices.Reverse(groups)
	if again := names(1); !slices.Equal(again, first) {
		t.Errorf("groups in another order: %v, before %v", again, first)
	}
}

// TestConnect: items stay together that are tied to each other, also through others.
func TestConnect(t *testing.T) {
	t.Parallel()
	ties := [][]Tie{
		{{What: "study", Name: "b"}, {What: "image", Name: "1"}},
		{{What: "study", Name: "c"}, {What: "image", Name: "2"}},
		{{What: "study", Name: "a"}, {What: "image", Name: "3"}},
		{{What: "study", Name: "d"}, {What: "image", Name: "1"}, {What: "image", Name: "2"}},
		{{What: "study", Name: "a"}},
	}
	var got []string
	for _, name := range Connect(len(ties), func(i int) []Tie { return ties[i] }) {
		got = append(got, name.String())
	}
	if want := []string{"image 1", "image 1", "image 3", "image 1", "image 3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDeal: each bin gets its share of every stratum, to a group, and of groups enough none stays
// empty; the order in which groups come counts nothing.
func TestDeal(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		var groups []*Group
		for i := range 100 {
			g := &Group{Name: fmt.Sprintf("g%03d", i), Counts: []float64{1, 0}}
			if i%5 == 0 {
				g.Counts = []float64{0, 1}
			}
			groups = append(groups, g)
		}
		dealt := func() (names string, have [][2]float64) {
			Shuffle(seed, groups)
			bins := []*Bin{{Name: "train", Share: 0.7}, {Name: "validation", Share: 0.2}, {Name: "test", Share: 0.1}}
			Deal(groups, bins)
			for _, b := range bins {
				var n [2]float64
				var in []string
				for _, g := range b.Groups {
					n[0], n[1] = n[0]+g.Counts[0], n[1]+g.Counts[1]
					in = append(in, g.Name)
				}
				slices.Sort(in)
				names, have = names+fmt.Sprintln(in), append(have, n)
			}
			return names, have
		}
		first, have := dealt()
		if want := [][2]float64{{56, 14}, {16, 4}, {8, 2}}; !slices.Equal(have, want) {
			t.Errorf("seed %d: got %v, want %v", seed, have, want)
		}
		slices.Reverse(groups)
		if again, _ := dealt(); again != first {
			t.Errorf("seed %d: groups in another order are dealt otherwise", seed)
		}
	}
	few := []*Group{{Name: "a", Counts: []float64{1}}, {Name: "b", Counts: []float64{1}}, {Name: "c", Counts: []float64{1}}}
	bins := []*Bin{{Share: 0.6}, {Share: 0.2}, {Share: 0.2}}
	Deal(few, bins)
	for i, b := range bins {
		if len(b.Groups) != 1 {
			t.Errorf("bin %d of three has %d of three groups", i, len(b.Groups))
		}
	}
}
