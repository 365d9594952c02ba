package train

import (
	"fmt"
	"testing"

	"vertebra/stages/stage"
)

// TestBalanceCounts counts six, three and one training case; that of validation does
// not count.
func TestBalanceCounts(t *testing.T) {
	t.Parallel()
	cases := []stage.Case{{Label: 2, Split: stage.Validation}}
	for label, n := range []int{6, 3, 1} {
		for range n {
			cases = append(cases, stage.Case{Label: label, Split: stage.Train})
		}
	}
	with := func(change func(*Balance)) Balance { b := DefaultBalance; change(&b); return b }
	for name, test := range map[string]struct {
		b    Balance
		want string
	}{
		"none":   {DefaultBalance, "[{a 6 6 1 0.6} {b 3 3 1 0.3} {c 1 1 1 0.1}]"},
		"over":   {with(func(b *Balance) { b.Sampling = "over" }), "[{a 6 6 1 0.3333} {b 3 6 1 0.3333} {c 1 6 1 0.3333}]"},
		"under":  {with(func(b *Balance) { b.Sampling = "under" }), "[{a 6 1 1 0.3333} {b 3 1 1 0.3333} {c 1 1 1 0.3333}]"},
		"repeat": {with(func(b *Balance) { b.Sampling, b.Repeat = "repeat", map[string]float64{"c": 4} }), "[{a 6 6 1 0.4615} {b 3 3 1 0.2308} {c 1 4 1 0.3077}]"},
		// n/(K·n_c) = 10/18, 10/9, 10/3; they count from epoch 5 on.
		"weights": {with(func(b *Balance) { b.ClassWeights, b.From = "balanced", 5 }), "[{a 6 6 0.5556 0.3333} {b 3 3 1.111 0.3333} {c 1 1 3.333 0.3333}]"},
	} {
		got := "["
		for i, c := range test.b.Counts(stage.Questions{Classes: []string{"a", "b", "c"}}, cases) {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprintf("{%s %d %d %.4g %.4g}", c.Class, c.Cases, c.Drawn, c.Weight, c.Share)
		}
		if got += "]"; got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}
