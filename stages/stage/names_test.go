package stage

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNamesOfSlicesInOrder(t *testing.T) {
	for _, want := range [][]string{
		{"s0.png", "s1.png", "s2.png", "s10.png", "s11.png"},
		{"-12.5.png", "-2.5.png", "0.png", "7.png", "007b.png", "10b.png"},
		{"1.dcm", "02.dcm", "2.dcm", "10.dcm"},
		{"1.2.840.9.2", "1.2.840.9.10", "1.2.840.10.1"},
		{"a1 (2).png", "a1 (10).png", "a2 (1).png", "a10", "b"},
		{"99999999999999999998.dcm", "99999999999999999999", "99999999999999999999.dcm"}, // beyond float64
	} {
		got := slices.Clone(want)
		for range 20 {
			rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
			if slices.SortFunc(got, CompareNames); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	}
}

// FuzzCompareNames: it is an order.
func FuzzCompareNames(f *testing.F) {
	f.Add("-5", "-10", "-7a")
	f.Add("1.2", "1.10.png", "s01")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if CompareNames(a, b) != -CompareNames(b, a) || (CompareNames(a, b) == 0) != (a == b) {
			t.Errorf("%q and %q: %d, the other way %d", a, b, CompareNames(a, b), CompareNames(b, a))
		}
		if CompareNames(a, b) <= 0 && CompareNames(b, c) <= 0 && CompareNames(a, c) > 0 {
			t.Errorf("%q ≤ %q ≤ %q, but not the first and the last", a, b, c)
		}
	})
}
