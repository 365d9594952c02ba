package sweeps

import (
	"math"
	"testing"
)

// Functions whose decomposition is known: of 2a + b over the unit square, a
// explains four fifths; of (a − ½)(b − ½), only both together explain anything.
func TestImportances(t *testing.T) {
	t.Parallel()
	s := space(t, `{a: {range: [0, 1]}, b: {range: [0, 1]}, c: {choice: [x, y]}}`)
	find := func(list []Importance, path, with string) float64 {
		for _, i := range list {
			if i.Path == path && i.With == with {
				return i.Share
			}
		}
		t.Fatalf("no %s %s in %v", path, with, list)
		return 0
	}
	near := func(what string, got, want float64) {
		if !(math.Abs(got-want) <= 0.1) {
			t.Errorf("%s: got %.3f, want %.3f", what, got, want)
		}
	}
	sum := Importances(s, run(t, Halton{}, s, 1, 200, func(at Point) float64 { return 2*at["a"] + at["b"] }), 1)
	near("a of 2a + b", find(sum, "a", ""), 0.8)
	near("b of 2a + b", find(sum, "b", ""), 0.2)
	near("c of 2a + b", find(sum, "c", ""), 0)
	product := Importances(s, run(t, Halton{}, s, 1, 200, func(at Point) float64 { return (at["a"] - 0.5) * (at["b"] - 0.5) }), 1)
	if got := find(product, "a", "b"); got < 0.6 {
		t.Errorf("a and b of their product: got %.3f, want most of it", got)
	}
	if sum[0].Path != "a" {
		t.Errorf("got %v first, want a", sum[0])
	}
	if got := Importances(s, run(t, Halton{}, s, 1, 20, func(Point) float64 { return 1 }), 1); got != nil {
		t.Errorf("got %v of a constant", got)
	}
}
