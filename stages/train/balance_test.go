package train

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestClassWeights compares with scikit-learn's compute_class_weight("balanced")
// and with Cui's code, computed by NumPy 2.
func TestClassWeights(t *testing.T) {
	classes, counts := []string{"mild", "moderate", "severe"}, []int{600, 250, 40}
	for _, c := range []struct {
		name    string
		balance Balance
		want    []float64
	}{
		{"none", Balance{ClassWeights: "none"}, nil},
		{"balanced", Balance{ClassWeights: "balanced"}, []float64{0.49444444, 1.18666667, 7.41666667}},
		{"effective", Balance{ClassWeights: "effective", Beta: 0.999}, []float64{0.20625715, 0.42067881, 2.37306404}},
		{"effective, beta 0", Balance{ClassWeights: "effective"}, []float64{1, 1, 1}},
		{"given", Balance{ClassWeights: "given", Weights: map[string]float64{"severe": 4}}, []float64{1, 1, 4}},
		{"later", Balance{ClassWeights: "balanced", From: 2}, nil},
	} {
		got := c.balance.weightsOf(classes, counts, 1)
		if len(got) != len(c.want) || len(got) > 0 && !(deviation(got, c.want) <= 1e-7) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := balancedWeights([]int{10, 0, 30}); !reflect.DeepEqual(got, []float64{2, 0, 2.0 / 3}) {
		t.Errorf("with an empty class: %v", got)
	}
}

func TestSampler(t *testing.T) {
	classes := []string{"a", "b", "c", "empty"}
	items, label := make([]int, 24), func(item int) int { return []int{0, 0, 0, 0, 1, 2}[item%6] } // 16, 4, 4
	for i := range items {
		items[i] = i
	}
	count := func(order []int) (classes []int, each map[int]int) {
		classes, each = make([]int, 4), map[int]int{}
		for _, item := range order {
			classes[label(item)]++
			each[item]++
		}
		return classes, each
	}
	for _, c := range []struct {
		balance Balance
		want    []int
	}{
		{Balance{Sampling: "none"}, []int{16, 4, 4, 0}},
		{Balance{Sampling: "over"}, []int{16, 16, 16, 0}},
		{Balance{Sampling: "under"}, []int{4, 4, 4, 0}},
		{Balance{Sampling: "repeat", Repeat: map[string]float64{"b": 2.5, "a": 0.25}}, []int{4, 10, 4, 0}},
		{Balance{Sampling: "repeat", Repeat: map[string]float64{"c": 0}}, []int{16, 4, 0, 0}},
	} {
		s := newSampler(c.balance, items, label, classes, 7)
		first := s.Epoch(1)
		got, each := count(first)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %v cases of each class, want %v", c.balance, got, c.want)
		}
		for item, n := range each {
			if whole := c.want[label(item)] / []int{16, 4, 4, 1}[label(item)]; n != whole && n != whole+1 {
				t.Errorf("%+v: case %d is seen %d times", c.balance, item, n)
			}
		}
		if again := newSampler(c.balance, items, label, classes, 7).Epoch(1); !reflect.DeepEqual(first, again) {
			t.Errorf("%+v: one seed and epoch gave two orders", c.balance)
		}
		if slices.Equal(first, s.Epoch(2)) || slices.Equal(first, newSampler(c.balance, items, label, classes, 8).Epoch(1)) {
			t.Errorf("%+v: another epoch or seed gave the same order", c.balance)
		}
	}
}

// TestUndersamplingSeesEveryCaseInTime: 4 of 16 in each epoch, all after four.
func TestUndersamplingSeesEveryCaseInTime(t *testing.T) {
	items := make([]int, 20)
	for i := range items {
		items[i] = i
	}
	s := newSampler(Balance{Sampling: "under"}, items, func(i int) int { return min(i/16, 1) }, []string{"often", "rare"}, 1)
	seen := map[int]bool{}
	for epoch := 1; epoch <= 4; epoch++ {
		for _, item := range s.Epoch(epoch) {
			seen[item] = true
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 cases were seen", len(seen))
	}
}

func TestBalanceOfClassesThatAreNotThere(t *testing.T) {
	b := Balance{ClassWeights: "given", Weights: map[string]float64{"sever": 4}, Sampling: "repeat", Repeat: map[string]float64{"mild": 2, "x": 1}}
	got := b.fits(stage.Questions{Classes: []string{"mild", "severe"}})
	if len(got) != 2 || got[1].Path != "balance.weights.sever" || !strings.Contains(got[1].Hint, "severe") || got[0].Path != "balance.repeat.x" {
		t.Errorf("got %+v", got)
	}
	none := Balance{ClassWeights: "given", Weights: map[string]float64{"mild": 0, "severe": 0}}
	if got := none.fits(stage.Questions{Classes: []string{"mild", "severe"}}); len(got) != 1 || got[0].Path != "balance.weights" {
		t.Errorf("weights that are all 0: got %+v", got)
	}
	if got := none.fits(stage.Questions{Classes: []string{"mild", "severe", "moderate"}}); len(got) != 0 {
		t.Errorf("a class that is not named has weight 1: got %+v", got)
	}
	both := stage.Questions{Classes: []string{"mild", "severe"}, Targets: []string{"left", "right"}}
	of := func(targets map[string]float64) []registry.FieldProblem { return Balance{Targets: targets}.fits(both) }
	if got := of(map[string]float64{"lef": 2}); len(got) != 1 || got[0].Path != "balance.targets.lef" || !strings.Contains(got[0].Text, `no target "lef"`) {
		t.Errorf("of an unknown target: %+v", got)
	}
	if got := of(map[string]float64{"left": 0, "right": 0}); len(got) != 1 || !strings.Contains(got[0].Text, "all targets have 0") {
		t.Errorf("targets that all weigh nothing: %+v", got)
	}
	if got := of(map[string]float64{"left": 0}); len(got) != 0 {
		t.Errorf("a target that is not named has weight 1: %+v", got)
	}
	if (Balance{ClassWeights: "balanced", Weights: map[string]float64{"a": 1}}).Validate() == nil || (Balance{Sampling: "over", Repeat: map[string]float64{"a": 1}}).Validate() == nil {
		t.Error("settings without effect were let through")
	}
}

// TestAnEpochWithoutCasesIsRefused: its loss would be 0/0.
func TestAnEpochWithoutCasesIsRefused(t *testing.T) {
	t.Parallel()
	b, cfg := newBench(t), config(1e-2, phase("all", 1, "all"))
	cfg.Balance = Balance{ClassWeights: "none", Sampling: "repeat", Repeat: map[string]float64{}}
	for _, class := range b.images.Classes {
		cfg.Balance.Repeat[class] = 0.001
	}
	if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure); err == nil || !strings.Contains(err.Error(), "an epoch shows no case") {
		t.Errorf("got %v", err)
	}
}
