package arrangement

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// reference is what testdata/make_reference.py wrote.
type reference struct {
	Densities []struct {
		Middle, Offset [3]float64
		Spread         [6]float64
		Fit            float64
	}
	Fits []struct {
		Offsets [][3]float64
		Middle  [3]float64
		Spread  [6]float64
	}
}

func readReference(t *testing.T) (r reference) {
	t.Helper()
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil || len(r.Densities) < 10 || len(r.Fits) < 5 {
		t.Fatalf("%d densities, %d fits, %v", len(r.Densities), len(r.Fits), err)
	}
	return r
}

func TestDensityAgainstSciPy(t *testing.T) {
	t.Parallel()
	for i, want := range readReference(t).Densities {
		d, ok := newDensity(want.Middle, want.Spread)
		if got := d.fit(want.Offset); !ok || !(math.Abs(got-want.Fit) <= 1e-9*(1+math.Abs(want.Fit))) {
			t.Errorf("density %d: %v, want %v", i, got, want.Fit)
		}
	}
}

// The minimiser of the reference stops where the posterior is flat to its last digits, so
// places are the same to 10 µm.
func TestFitAgainstSciPy(t *testing.T) {
	t.Parallel()
	for i, want := range readReference(t).Fits {
		var studies [][]*Place
		for _, o := range want.Offsets {
			from := Place{float64(i), -100, 7}
			studies = append(studies, []*Place{&from, {from.X + o[0], from.Y + o[1], from.Z + o[2]}})
		}
		pairs := Fit([]string{"a", "b"}, studies).Pairs
		if len(pairs) != 1 || pairs[0].Studies != len(want.Offsets) {
			t.Fatalf("fit %d: got %+v", i, pairs)
		}
		for k, v := range want.Middle {
			if got := pairs[0].Offset[k]; !(math.Abs(got-v) <= 1e-5*math.Sqrt(want.Spread[0])) {
				t.Errorf("fit %d: coordinate %d is %v, want %v", i, k, got, v)
			}
		}
		for k, v := range want.Spread {
			if got := pairs[0].Spread[k]; !(math.Abs(got-v) <= 2e-5*want.Spread[0]) {
				t.Errorf("fit %d: spread %d is %v, want %v", i, k, got, v)
			}
		}
	}
}

// A tenth of the studies, one level off, moves what was learnt by a millimetre or so and not
// by the tenth of a level that a mean moves.
func TestFitForgivesWrongPoints(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 1))
	var studies [][]*Place
	for i := range 100 {
		p := &Place{2 * r.NormFloat64(), 2 * r.NormFloat64(), -35 + 3*r.NormFloat64()}
		if i%10 == 0 {
			p.Z -= 35
		}
		studies = append(studies, []*Place{{}, p})
	}
	p := Fit([]string{"a", "b"}, studies).Pairs[0]
	if math.Abs(p.Offset[2]+35) > 1.2 || math.Sqrt(p.Spread[5]) > 5 {
		t.Errorf("offset %v, spread %v; want about -35 and 9", p.Offset, p.Spread)
	}
}

// What a study does not know is left out, and so is what cannot be a place.
func TestFitOfFewPlaces(t *testing.T) {
	t.Parallel()
	a := Fit([]string{"a", "b", "c", "d"}, [][]*Place{
		nil,
		{{0, 0, 0}, {0, 0, 10}},               // shorter than the names
		{{0, 0, 0}, nil, {0, 0, math.Inf(1)}}, // no pair
		{nil, {5, 5, 5}, {5, 5, 15}, {math.NaN(), 0, 0}},
		{{0, 0, 0}, {0, 0, 10}, nil, nil, {1, 1, 1}}, // longer
	})
	if len(a.Pairs) != 2 || a.Pairs[0].Studies != 2 || a.Pairs[1].From != 1 || a.Pairs[1].To != 2 {
		t.Errorf("got %+v, want a pair of a and b of 2 studies, and one of b and c", a.Pairs)
	}
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	far := Fit([]string{"a", "b"}, [][]*Place{{{farthest, farthest, farthest}, {-farthest, -farthest, -farthest}}, {{-farthest, 0, 0}, {farthest, 0, 0}}})
	if err := far.Check(); err != nil {
		t.Errorf("places at the limit: %v", err)
	}
}
