package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestTrainSize: smaller shares are parts of larger ones, have each class at its share, keep
// studies whole, and leave validation and test alone.
func TestTrainSize(t *testing.T) {
	t.Parallel()
	divided := func(size float64) Cases {
		c := Cases{Cases: population(300, 25)}
		split := ordinary
		split.TrainSize = size
		if err := c.divide(Config{Split: split}, nil); err != nil {
			t.Fatal(err)
		}
		return c
	}
	whole := divided(1)
	before := map[string]bool{} // the training cases of the next smaller share
	for _, size := range []float64{0.001, 0.1, 0.25, 0.5, 1} {
		c := divided(size)
		ids, groups := map[string]bool{}, map[string]bool{}
		counts, totals := [3]float64{}, [3]float64{}
		left := 0
		for _, one := range c.Cases {
			if one.Split == stage.Train {
				ids[one.ID], groups[one.Group] = true, true
				counts[one.Label]++
			} else {
				left++
			}
		}
		all := map[string]bool{}
		for _, one := range whole.Cases {
			if one.Split == stage.Train {
				all[one.Group] = true
				totals[one.Label]++
			} else {
				left--
			}
		}
		if left != 0 {
			t.Errorf("%v: %d validation and test cases more than of the whole", size, left)
		}
		if want := max(1, math.Round(size*float64(len(all)))); float64(len(groups)) != want || len(ids) != 25*len(groups) {
			t.Errorf("%v: %d cases of %d studies, want %v whole studies of %d", size, len(ids), len(groups), want, len(all))
		}
		for id := range before {
			if !ids[id] {
				t.Fatalf("%v: %s is part of the smaller share alone", size, id)
			}
		}
		for class, n := range counts {
			if want := size * totals[class]; size >= 0.1 && !(math.Abs(n-want) <= 3*math.Sqrt(25*want)) {
				t.Errorf("%v: %v cases of class %d, want about %v", size, n, class, want)
			}
		}
		if dropped := len(whole.Cases) - len(c.Cases); dropped > 0 && (len(c.Dropped) != 1 || len(c.Dropped[0].IDs) != dropped) {
			t.Errorf("%v: dropped are %v, want %d cases", size, c.Dropped, dropped)
		}
		before = ids
	}
}

// TestTrainSizeOfFolds: what trains in one fold validates in another.
func TestTrainSizeOfFolds(t *testing.T) {
	t.Parallel()
	c := Cases{Cases: population(30, 5)}
	err := c.divide(Config{Split: Split{By: "study", Folds: 3, TrainSize: 0.5}}, nil)
	if err == nil || !strings.Contains(err.Error(), "data.split.train_size: every case trains in some fold and validates in another") {
		t.Errorf("got %v", err)
	}
}

// TestTrainSizeRefused: whoever wants to hear of cases that are left out does.
func TestTrainSizeRefused(t *testing.T) {
	t.Parallel()
	c := Cases{Cases: population(30, 5)}
	split := ordinary
	split.TrainSize = 0.5
	err := c.divide(Config{Split: split, Rules: Actions{"beyond_train_size": "refuse"}}, nil)
	if err == nil || !strings.Contains(err.Error(), "beyond_train_size") {
		t.Errorf("got %v", err)
	}
}

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
	var groups []*group
	for i := range 120 {
		g := &group{name: fmt.Sprintf("g%03d", i), counts: []float64{1, 0, 0}}
		if i >= 90 { // rare ones hold others too
			g.counts = []float64{1, 1, 0}
		}
		if i >= 110 {
			g.counts = []float64{3, 1, 1}
		}
		groups = append(groups, g)
	}
	names := func(seed uint64) (out []string) {
		for _, g := range inTurn(seed, groups) {
			out = append(out, g.name)
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
