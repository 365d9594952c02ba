package sweeps

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/registry"
)

// run searches n trials of a function; value is +Inf where it fails.
func run(t testing.TB, search Search, s Space, seed uint64, n int, f func(Point) float64) []Seen {
	t.Helper()
	var past []Seen
	for i := range n {
		p, err := search.Next(Question{Space: s, Seed: seed, Number: i, Past: past})
		if err != nil {
			t.Fatal(err)
		}
		past = append(past, Seen{Point: p.Point, Note: p.Note, Value: f(p.Point), Epochs: 1, Whole: true})
	}
	return past
}

func bestOf(past []Seen) float64 {
	best := math.Inf(1)
	for _, s := range past {
		best = min(best, s.Value)
	}
	return best
}

const mixed = `
  x: {range: [-5, 5]}
  y: {log: [1e-3, 1e3]}
  n: {integer: [1, 9]}
  kind: {choice: [flat, {bowl: {z: 1}}]}
  kind.bowl.z: {range: [0, 1]}`

func mixedValue(at Point) float64 {
	v := (at["x"]-1)*(at["x"]-1) + math.Pow(math.Log10(at["y"]), 2) + math.Abs(at["n"]-4)
	if at["kind"] == 0 {
		return v + 5
	}
	return v + 4*math.Pow(at["kind.bowl.z"]-0.3, 2)
}

// Every search gives points of the space, the same for the same past, and the
// next process would go on with the same ones.
func TestSearchesAreFunctionsOfTheirPast(t *testing.T) {
	t.Parallel()
	s := space(t, mixed)
	for _, one := range searches(t) {
		t.Run(one.Name, func(t *testing.T) {
			t.Parallel()
			if one.Name == "grid" {
				t.Skip("a grid needs cells; TestGridHasNoRepeatsAndNoGaps")
			}
			past := run(t, one.Part, s, 3, 40, mixedValue)
			again := run(t, one.Part, s, 3, 40, mixedValue)
			if !reflect.DeepEqual(past, again) {
				t.Error("the same search gave other points")
			}
			if other := run(t, one.Part, s, 4, 3, mixedValue); reflect.DeepEqual(other[0].Point, past[0].Point) {
				t.Error("another seed gave the same point")
			}
			for _, seen := range past {
				if at, err := s.Locate(s.Values(seen.Point)); err != nil || !reflect.DeepEqual(at, seen.Point) {
					t.Fatalf("%v: %v", seen.Point, err)
				}
			}
		})
	}
}

func searches(t testing.TB) []registry.One[Search] {
	t.Helper()
	all, err := Searches.Examples()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The searches that learn are better than chance where there is something to
// learn, by the median of ten seeds.
func TestLearningHelps(t *testing.T) {
	t.Parallel()
	s := space(t, mixed)
	median := func(search Search) float64 {
		var all []float64
		for seed := range uint64(10) {
			all = append(all, bestOf(run(t, search, s, seed, 60, mixedValue)))
		}
		slices.Sort(all)
		return (all[4] + all[5]) / 2
	}
	chance := median(Random{})
	for _, name := range []string{"tpe", "cma_es"} {
		one, _ := Searches.Default(name)
		if got := median(one.Part); got > 0.8*chance {
			t.Errorf("%s: got a median of %.3f, chance has %.3f", name, got, chance)
		}
	}
}

// Points that fail are avoided: half of the space is out of memory.
func TestFailuresTeach(t *testing.T) {
	t.Parallel()
	s := space(t, `{x: {range: [0, 1]}, y: {range: [0, 1]}}`)
	value := func(at Point) float64 {
		if at["x"] > 0.5 {
			return math.Inf(1)
		}
		return (at["x"]-0.4)*(at["x"]-0.4) + at["y"]
	}
	for _, name := range []string{"tpe", "cma_es"} {
		one, _ := Searches.Default(name)
		failed := 0
		for _, seen := range run(t, one.Part, s, 1, 60, value)[20:] {
			if math.IsInf(seen.Value, 1) {
				failed++
			}
		}
		if failed > 14 { // chance would have 20 of 40
			t.Errorf("%s: %d of 40 trials failed", name, failed)
		}
	}
}

// A space with a last point is exhausted, and no point comes twice.
func TestSmallSpacesAreExhausted(t *testing.T) {
	t.Parallel()
	s := space(t, `{a: {choice: [1, 2, 3]}, b: {integer: [1, 4]}}`)
	for _, name := range []string{"random", "halton", "tpe", "grid"} {
		one, _ := Searches.Default(name)
		var past []Seen
		for {
			p, err := one.Part.Next(Question{Space: s, Seed: 1, Number: len(past), Past: past})
			if err == ErrExhausted {
				break
			}
			if err != nil || (Question{Past: past}).taken(p.Point) {
				t.Fatalf("%s: %v, again %v", name, err, p.Point)
			}
			past = append(past, Seen{Point: p.Point, Value: p.Point["b"], Whole: true})
		}
		if len(past) != 12 {
			t.Errorf("%s: got %d points, want 12", name, len(past))
		}
	}
}

// Few points of the sequence lie more evenly than chance: in 16 stripes of each
// dimension none is empty after 64 points, nor holds more than twice its share.
func TestHaltonIsEven(t *testing.T) {
	t.Parallel()
	s := space(t, `{a: {range: [0, 1]}, b: {range: [0, 1]}, c: {range: [0, 1]}}`)
	counts := map[string][16]int{}
	for _, seen := range run(t, Halton{}, s, 9, 64, func(Point) float64 { return 0 }) {
		for path, x := range seen.Point {
			c := counts[path]
			c[min(int(x*16), 15)]++
			counts[path] = c
		}
	}
	for path, c := range counts {
		for i, n := range c {
			if n == 0 || n > 8 {
				t.Errorf("%s: %d of 64 points in stripe %d: %v", path, n, i, c)
			}
		}
	}
}

// TestKernels: widths, weights and shares of the kernels by hand, as Bergstra et al. (2011) and
// Optuna have them.
func TestKernels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		all  []float64
		want []float64
	}{
		{[]float64{0.1, 0.4, 0.5}, []float64{0.3, 0.3, 0.2}}, // the last would be 0.1, but is at least 1/5
		{[]float64{0.9, 0.2, 0.6}, []float64{0.3, 0.4, 0.4}},
		{[]float64{0.3}, []float64{0.7}}, {[]float64{0.8}, []float64{0.8}},
		{[]float64{0.5, 0.5, 0.5}, []float64{0.2, 0.2, 0.2}},
	} {
		for i, want := range c.want {
			if got := bandwidth(c.all, i); !(math.Abs(got-want) < 1e-12) {
				t.Errorf("%v: kernel %d is %v wide, want %v", c.all, i, got, want)
			}
		}
	}
	choice := Param{Path: "c", Dimension: Dimension{Choices: []string{"x", "y", "z"}}}
	for value, want := range map[float64][]float64{1: {0.125, 0.75, 0.125}, -1: {1. / 3, 1. / 3, 1. / 3}} {
		for i, got := range shares(choice, value, 4) {
			if !(math.Abs(got-want[i]) < 1e-12) {
				t.Errorf("share %d of choice %v is %v, want %v", i, value, got, want[i])
			}
		}
	}
	var trials []Seen
	for i := range 30 {
		trials = append(trials, Seen{Point: map[string]float64{"c": float64(i % 3)}})
	}
	z := newParzen([]Param{choice}, append(trials, Seen{Point: map[string]float64{"other": 1}}))
	for i, want := range map[int]float64{0: 1. / 30, 2: 15.5 / 30, 4: 1, 5: 1, 29: 1, 30: 1} {
		if got := z.kernels[i].weight; len(z.kernels) != 31 || !(math.Abs(got-want) < 1e-12) {
			t.Errorf("weight %d of %d is %v, want %v", i, len(z.kernels), got, want)
		}
	}
}

// The density integrates to one: a candidate's ratio means what it says.
func TestParzenIsADensity(t *testing.T) {
	t.Parallel()
	s := space(t, `{a: {range: [0, 2]}, n: {integer: [1, 5]}, c: {choice: [x, y, z]}}`)
	past := run(t, Random{}, s, 1, 12, func(at Point) float64 { return at["a"] })
	for _, p := range s.Params {
		z := newParzen([]Param{p}, past)
		sum := 0.0
		if cells := p.Cells(); cells != nil {
			for _, x := range cells {
				sum += math.Exp(z.logDensity(map[string]float64{p.Path: x}))
			}
		} else {
			const n = 4000
			for i := range n {
				x := p.Low + (float64(i)+0.5)/n*(p.High-p.Low)
				sum += math.Exp(z.logDensity(map[string]float64{p.Path: x})) / n
			}
		}
		if !(math.Abs(sum-1) <= 1e-3) {
			t.Errorf("%s: the density sums to %v", p.Path, sum)
		}
	}
}
