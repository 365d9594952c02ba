package arrangement

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func sound() Arrangement {
	return Fit([]string{"a", "b", "c"}, [][]*Place{{{0, 0, 0}, {0, 1, 40}, {0, 2, 80}}, {{5, 5, 5}, {5, 5, 40}, {5, 8, 85}}})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := sound().Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(a *Arrangement){
		"want 1 to 1000 names, got 0":                             func(a *Arrangement) { *a = Arrangement{} },
		"want 1 to 1000 names, got 1001":                          func(a *Arrangement) { a.Names = make([]string, 1001) },
		`name 1, "a", is empty or there`:                          func(a *Arrangement) { a.Names[1] = "a" },
		`name 2, "", is empty or there`:                           func(a *Arrangement) { a.Names[2] = "" },
		"at most 3 pairs, got 4":                                  func(a *Arrangement) { a.Pairs = append(a.Pairs, a.Pairs[0]) },
		"pair 1, of a and b, is there":                            func(a *Arrangement) { a.Pairs[1] = a.Pairs[0] },
		"pair 1, of a and c, is there before or not in the order": func(a *Arrangement) { slices.Reverse(a.Pairs) },
		"pair 0: is of names -1 and 1":                            func(a *Arrangement) { a.Pairs[0].From = -1 },
		"pair 2: is of names 1 and 3":                             func(a *Arrangement) { a.Pairs[2].To = 3 },
		"pair 0: is of names 1 and 1":                             func(a *Arrangement) { a.Pairs[0].From = 1 },
		"was learnt of 0 studies":                                 func(a *Arrangement) { a.Pairs[0].Studies = 0 },
		"an offset of NaN mm":                                     func(a *Arrangement) { a.Pairs[0].Offset[1] = math.NaN() },
		"an offset of +Inf mm":                                    func(a *Arrangement) { a.Pairs[0].Offset[2] = math.Inf(1) },
		"pair 0: has a spread that":                               func(a *Arrangement) { a.Pairs[0].Spread[0] = -1 },
		"pair 1: has a spread that":                               func(a *Arrangement) { a.Pairs[1].Spread[5] = 0 },
		"pair 2: has a spread that":                               func(a *Arrangement) { a.Pairs[2].Spread[3] = math.NaN() },
		"pair 1: has a spread that is not p":                      func(a *Arrangement) { a.Pairs[1].Spread[1] = 1e4 },
		"pair 0: has a spread that is not":                        func(a *Arrangement) { a.Pairs[0].Spread[2] = math.Inf(1) },
		"pair 2: has a spread that is not":                        func(a *Arrangement) { a.Pairs[2].Spread = [6]float64{} },
	} {
		a := sound()
		spoil(&a)
		if err := a.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// What is written and read again chooses the same.
func TestArrangementAsJSON(t *testing.T) {
	t.Parallel()
	s := spines{wrong: 0.1}
	r := rand.New(rand.NewPCG(9, 1))
	a := Fit(spineNames(), s.training(r, 20))
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var b Arrangement
	if err := json.Unmarshal(text, &b); err != nil || b.Check() != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("came back otherwise: %v, %v", err, b.Check())
	}
	candidates := s.seen(r, s.places(r))
	if !slices.Equal(a.Choose(candidates), b.Choose(candidates)) {
		t.Error("chose otherwise")
	}
}

// Whatever a file holds, nothing panics; and what Check lets through gives numbers.
func FuzzArrangement(f *testing.F) {
	text, err := json.Marshal(sound())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"names":["a","b"],"pairs":[{"from":0,"to":7,"studies":1,"spread":[1,0,1,0,0,1]}]}`))
	f.Add([]byte(`{"names":["a","b"],"pairs":[{"from":0,"to":1,"studies":1,"offset":[1e300,0,0],"spread":[1e-300,0,1,0,0,-1]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var a Arrangement
		if json.Unmarshal(text, &a) != nil {
			return
		}
		candidates := [][]Candidate{
			{{&Place{0, 0, 0}, 0.5}, {&Place{1e6, -1e6, 1e6}, 0.5}}, {{nil, 1}, {&Place{0, 0, 40}, 0.1}}, {{&Place{0, 0, 80}, 0}},
		}
		chosen := a.Choose(candidates)
		for k, at := range chosen {
			if at < 0 || at >= len(candidates[k]) {
				t.Fatalf("chose %v", chosen)
			}
		}
		if worth := a.newBoard(candidates).worth(chosen); a.Check() == nil && (math.IsNaN(worth) || math.IsInf(worth, 0)) {
			t.Errorf("a checked arrangement gives %v", worth)
		}
	})
}
