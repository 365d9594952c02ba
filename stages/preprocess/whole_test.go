package preprocess

import (
	"testing"

	"vertebra/stages/stage"
)

// TestWholeOfSeveralStacks: a labelled point is seen in its stack, a sample without one in
// all stacks of its series, one after the other.
func TestWholeOfSeveralStacks(t *testing.T) {
	t.Parallel()
	w := &worker{b: &builder{chain: newChain(steps(Stack{Slices: 2, Reach: "series"}), Layout{})}}
	v := &seriesView{w: w, files: []string{"a", "b", "c", "d", "e"}, order: map[string][][]string{"": {{"a", "b"}, {"c", "d", "e"}}}}
	step := len(w.b.chain.cfg) - 1
	for _, c := range []struct {
		image, direction string
		point            *stage.Point
		at, of           int
	}{
		{"d", "", &stage.Point{}, 1, 3},
		{"c", "backward", &stage.Point{}, 2, 3},
		{"d", "", nil, 3, 5},
		{"a", "", nil, 0, 5},
		{"d", "backward", nil, 1, 5},
	} {
		p := &Picture{Case: stage.Case{Series: "s", Image: c.image, Point: c.point}, Order: Order{Direction: c.direction}}
		got, err := v.whole(t.Context(), p, step)()
		if err != nil || got.At != c.at || got.Of != c.of {
			t.Errorf("%+v: got place %d of %d, %v", c, got.At, got.Of, err)
		}
	}
	if _, err := v.whole(t.Context(), &Picture{Case: stage.Case{Series: "s", Image: "elsewhere"}}, step)(); err == nil {
		t.Error("a slice of no stack has a place")
	}
	if v.whole(t.Context(), &Picture{Case: stage.Case{Image: "a"}}, step) != nil {
		t.Error("an image without a series has slices")
	}
}
