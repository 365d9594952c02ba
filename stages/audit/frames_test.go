package audit

import (
	"fmt"
	"testing"

	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// TestInFront: of slices that cannot be read, the nearest readable one to the middle stands for
// the sample, that before the middle first.
func TestInFront(t *testing.T) {
	for _, c := range []struct {
		readable string // a letter for each slice; x for one that cannot be read
		point    bool
		want     int
	}{
		{"abcde", false, 2},
		{"abxde", false, 1},
		{"axxde", false, 3},
		{"axxxe", false, 0},
		{"xxxxe", false, 4},
		{"xxxd", false, 3},
		{"axxx", false, 0},
		{"abxd", false, 1},
		{"axxd", false, 3},
		{"x", false, 0},
		{"xxxxx", false, 2}, // none: as it was
		{"abxde", true, 2},  // a point lies on its own slice
	} {
		heads, images := headers.ByPath{}, []string{}
		for i, letter := range c.readable {
			images = append(images, fmt.Sprint(i))
			heads[images[i]] = &headers.Header{}
			if letter == 'x' {
				heads[images[i]].Err = "broken"
			}
		}
		one := stage.Case{Image: images[len(images)/2], Images: images}
		if c.point {
			one.Point = &stage.Point{}
		}
		f := Found{Cases: []stage.Case{one}}
		f.inFront(heads)
		if got := f.Cases[0].Image; got != fmt.Sprint(c.want) {
			t.Errorf("%s (point %v): slice %s stands in front, want %d", c.readable, c.point, got, c.want)
		}
	}
}
