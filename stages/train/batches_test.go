package train

import (
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
