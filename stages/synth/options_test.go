package synth

import (
	"math"
	"strings"
	"testing"
)

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]Options{
		"studies: want 1 to 100000, got -1":              {Studies: -1},
		"test: want 0 to 100000 studies, got -1":         {Test: -1},
		"size: want 64 to 1024 pixels, got 20":           {Size: 20},
		"slices: want an odd number from 7 to 39, got 8": {Slices: 8},
		"shares: want three parts that sum to 1":         {Shares: [3]float64{0.5, 0.5, 0.5}},
		"shares: want three parts":                       {Shares: [3]float64{math.NaN(), 0.5, 0.5}},
		"gaps: want 0 to 0.5, got 2":                     {Gaps: 2},
		"did you mean swapped_sides?":                    {Defects: []string{"swaped-sides"}},
		"known: no_coordinates, ":                        {Defects: []string{"zzzz"}},
		"blank_slice is named twice":                     {Defects: []string{"blank_slice", "blank_slice"}},
		"31 want a study each, and there are 2 studies":  {Studies: 2, Defects: DefectNames()},
	} {
		dir := t.TempDir()
		_, err := Write(t.Context(), dir, opt)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", opt, err, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"same", "same", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
