package preprocess

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestKeyOfWhole: what is seen of a series with a point and without one never is the same
// picture in the cache.
func TestKeyOfWhole(t *testing.T) {
	t.Parallel()
	for reach, want := range map[string]bool{"neighbours": true, "series": false} {
		chain := newChain(steps(Stack{Slices: 3, Reach: reach}), Layout{})
		with := chain.keys(stage.Case{Series: "s", Image: "a", Point: &stage.Point{X: 3}}, "file", "series")
		if without := chain.keys(stage.Case{Series: "s", Image: "a"}, "file", "series"); slices.Equal(with, without) != want {
			t.Errorf("%s: equal keys with and without a point, want %v", reach, want)
		}
		if other := chain.keys(stage.Case{Series: "s", Image: "a", Point: &stage.Point{X: 5}}, "file", "series"); !slices.Equal(with, other) {
			t.Errorf("%s: the keys of two points differ", reach)
		}
		series := chain.keys(stage.Case{Images: []string{"a"}, Image: "a"}, "file", "series")
		if image := chain.keys(stage.Case{Image: "a"}, "file", "series"); slices.Equal(series, image) {
			t.Errorf("%s: an image of no series has the key of a series of one", reach)
		}
	}
}

// TestSlicesByName: files without positions are in the order that people number them.
func TestSlicesByName(t *testing.T) {
	t.Parallel()
	names := []string{"s/im10.png", "s/im2.png", "s/im1.png", "s/im2.png#10", "s/im2.png#9"}
	slices.SortFunc(names, byName)
	if want := []string{"s/im1.png", "s/im2.png", "s/im2.png#9", "s/im2.png#10", "s/im10.png"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

// TestBrokenSliceOfASeries: one that cannot be decoded is told, and another stands for it;
// the samples of its series are kept, also from the cache.
func TestBrokenSliceOfASeries(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	cfg := steps(crop, byCrop, Stack{Slices: 200, Reach: "series"}, Resize{Pixels: 8})
	whole, _ := b.run(t, t.TempDir(), 2, cfg)
	seen := map[string]bool{}
	for _, c := range b.cases.Cases {
		seen[c.Image] = true
	}
	broken := ""
	for _, f := range b.cases.Series[b.cases.Cases[0].Series].Files {
		if !seen[f.Path] {
			broken = f.Path
		}
	}
	content, err := os.ReadFile(broken)
	if err == nil {
		err = os.WriteFile(broken, content[:len(content)-100], 0o644)
	}
	if err != nil {
		t.Fatal("no slice of the series is without a point: ", err)
	}
	cache := t.TempDir()
	for range 2 {
		got, told := b.run(t, cache, 2, cfg)
		if got.Len() != whole.Len() || !strings.Contains(told.warnings(), "one near it stands for slice "+filepath.Base(broken)) {
			t.Errorf("%d images of %d; told %q", got.Len(), whole.Len(), told.warnings())
		}
		same, other := 0, 0
		for i, c := range got.Cases {
			switch equal := bytes.Equal(got.Bytes(i), whole.Bytes(i)); {
			case c.Series != b.cases.Cases[0].Series && !equal:
				t.Errorf("%s of another series changed", c.ID)
			case equal:
				same++
			default:
				other++
			}
		}
		if same == 0 || other == 0 {
			t.Errorf("%d images are as before, %d not", same, other)
		}
	}
}
