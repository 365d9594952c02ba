package audit

import (
	"math"
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
	if err == nil || !strings.Contains(err.Error(), "data.split.train_size: every case trains in some fold and is held out in another") {
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
