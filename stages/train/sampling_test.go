package train

import (
	"testing"

	"vertebra/stages/stage"
)

// TestSampleCountsAs: of targets with classes of their own: a sample counts as the class that is repeated
// most, of those that are named, and else as the rarest of the training cases; of equals as the last.
func TestSampleCountsAs(t *testing.T) {
	t.Parallel()
	asked := stage.Questions{Classes: []string{"a", "b", "c", "d"}, Targets: []string{"t", "u"}, Among: [][]int{{0, 1}, {2, 3}}}
	var cases []stage.Case
	add := func(split stage.Split, labels ...int) {
		for _, label := range labels {
			cases = append(cases, stage.Case{Label: label, Split: split})
		}
	}
	add(stage.Train, 1, 2) // the sample that is asked about
	add(stage.Train, 0, 0, 1, 1, 2, 3, 3)
	add(stage.Validation, 2, 2, 2, 2, 2)
	for name, c := range map[string]struct {
		b    Balance
		want int
	}{
		"the rarest in training":     {Balance{Sampling: "over"}, 2},
		"one that is named":          {Balance{Sampling: "repeat", Repeat: map[string]float64{"b": 2}}, 1},
		"named though it is less":    {Balance{Sampling: "repeat", Repeat: map[string]float64{"b": 0.5}}, 1},
		"the one that is more":       {Balance{Sampling: "repeat", Repeat: map[string]float64{"b": 3, "c": 2}}, 1},
		"of as many the rarest":      {Balance{Sampling: "repeat", Repeat: map[string]float64{"b": 2, "c": 2}}, 2},
		"the worst without sampling": {Balance{Sampling: "none"}, 2},
	} {
		if got := c.b.countsAs(cases, asked)([]int{0, 1}); got != c.want {
			t.Errorf("%s: class %s, want %s", name, asked.Classes[got], asked.Classes[c.want])
		}
	}
	cases = append(cases, stage.Case{Label: 2, Split: stage.Train}) // now b and c are as rare
	if got := (Balance{Sampling: "over"}).countsAs(cases, asked)([]int{0, 1}); got != 2 {
		t.Errorf("of equals: class %s, want c", asked.Classes[got])
	}
	shared := stage.Questions{Classes: asked.Classes}
	if got := (Balance{Sampling: "over"}).countsAs(cases, shared)([]int{0, 3}); got != 1 {
		t.Errorf("of shared classes: class %s, want the worst, b", asked.Classes[got])
	}
}
