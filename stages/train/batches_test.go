package train

import (
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// TestIndices: an image whose net answers several targets is one item, that of its first case.
func TestIndices(t *testing.T) {
	t.Parallel()
	images := benchOfTargets(t, t.TempDir(), "cpu").images
	for _, split := range stage.Splits {
		first, order := map[int]int{}, []int{}
		for i, c := range images.Cases {
			if _, seen := first[images.Of(i)]; c.Split == split && !seen {
				first[images.Of(i)] = i
				order = append(order, i)
			}
		}
		got := indices(images, split)
		if len(got) != len(order) || split == stage.Train && len(got) == 0 {
			t.Fatalf("%s: %d items of %d images", split, len(got), len(order))
		}
		for k, i := range got {
			if i != order[k] {
				t.Errorf("%s: item %d is case %d, want %d", split, k, i, order[k])
			}
		}
	}
	if len(indices(images, stage.Train))+len(indices(images, stage.Validation)) >= len(images.Cases) {
		t.Error("no image has several cases")
	}
}

// TestRepeats: an image that an epoch shows again has a name of its own from the second time on; the
// first time it has its own, so that sampling changes nothing of what is drawn once.
func TestRepeats(t *testing.T) {
	t.Parallel()
	if got := repeats([]int{5, 3, 5, 5, 3}); !slices.Equal(got, []int{0, 0, 1, 2, 1}) {
		t.Errorf("got %v", got)
	}
	b := batch{samples: []string{"x", "y", "x", "x"}}
	b.tellApart([]int{0, 0, 1, 2})
	if !slices.Equal(b.samples, []string{"x", "y", "x\x001", "x\x002"}) {
		t.Errorf("got %q", b.samples)
	}
}
