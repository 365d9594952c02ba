package sweeps

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"testing"
)

var seeds = flag.Int("seeds", 0, "compare the searches on this many seeds, and print their regret; bench/sweep does so")

// problem is a function whose least value is known.
type problem struct {
	name   string
	space  string
	least  float64
	trials int
	value  func(Point) float64
}

// Branin and Hartmann-6 are those of Surjanovic and Bingham, "Virtual library of
// simulation experiments"; bench/sweep/optuna_search.py has the same three.
var problems = []problem{
	{"branin", `{x: {range: [-5, 10]}, y: {range: [0, 15]}}`, 0.39788735772973816, 60, func(at Point) float64 {
		x, y := at["x"], at["y"]
		a := y - 5.1/(4*math.Pi*math.Pi)*x*x + 5/math.Pi*x - 6
		return a*a + 10*(1-1/(8*math.Pi))*math.Cos(x) + 10
	}},
	{"hartmann6", `{a: {range: [0, 1]}, b: {range: [0, 1]}, c: {range: [0, 1]}, d: {range: [0, 1]}, e: {range: [0, 1]}, f: {range: [0, 1]}}`, -3.322368011391339, 100, hartmann6},
	{"mixed", `
  opt: {choice: [{adam: {}}, {sgd: {}}]}
  opt.adam.rate: {log: [1e-5, 1e-1]}
  opt.sgd.rate: {log: [1e-4, 1]}
  opt.sgd.momentum: {range: [0, 0.99]}
  layers: {integer: [1, 8]}
  kind: {choice: [w, x, y, z]}`, 0, 80, func(at Point) float64 {
		v := 0.2*math.Abs(at["layers"]-3) + []float64{0.5, 0, 0.3, 0.8}[int(at["kind"])]
		if at["opt"] == 0 {
			return v + 0.3 + math.Pow(math.Log10(at["opt.adam.rate"])+3, 2)
		}
		return v + math.Pow(math.Log10(at["opt.sgd.rate"])+1, 2) + 4*math.Pow(at["opt.sgd.momentum"]-0.9, 2)
	}},
}

func hartmann6(at Point) float64 {
	alpha := []float64{1, 1.2, 3, 3.2}
	a := [][]float64{{10, 3, 17, 3.5, 1.7, 8}, {0.05, 10, 17, 0.1, 8, 14}, {3, 3.5, 1.7, 10, 17, 8}, {17, 8, 0.05, 10, 0.1, 14}}
	p := [][]float64{{1312, 1696, 5569, 124, 8283, 5886}, {2329, 4135, 8307, 3736, 1004, 9991}, {2348, 1451, 3522, 2883, 3047, 6650}, {4047, 8828, 8732, 5743, 1091, 381}}
	sum := 0.0
	for i := range alpha {
		inner := 0.0
		for j, name := range []string{"a", "b", "c", "d", "e", "f"} {
			inner += a[i][j] * math.Pow(at[name]-p[i][j]/1e4, 2)
		}
		sum -= alpha[i] * math.Exp(-inner)
	}
	return sum
}

// The functions are what they are said to be.
func TestProblems(t *testing.T) {
	t.Parallel()
	for i, at := range []Point{{"x": math.Pi, "y": 2.275}, {"a": 0.20169, "b": 0.150011, "c": 0.476874, "d": 0.275332, "e": 0.311652, "f": 0.6573},
		{"opt": 1, "opt.sgd.rate": 0.1, "opt.sgd.momentum": 0.9, "layers": 3, "kind": 1}} {
		if got := problems[i].value(at); !(math.Abs(got-problems[i].least) <= 1e-4) {
			t.Errorf("%s: got %v, want %v", problems[i].name, got, problems[i].least)
		}
	}
}

// TestRegret prints, for each search, the median over the seeds of what its best
// trial lacks to the least value, and the quartiles.
func TestRegret(t *testing.T) {
	if *seeds == 0 {
		t.Skip("-seeds 20 compares; make bench-sweep")
	}
	for _, p := range problems {
		s := space(t, p.space)
		for _, name := range []string{"random", "halton", "tpe", "tpe alone", "cma_es"} {
			var search Search
			if name == "tpe alone" {
				search = TPE{Startup: 10, Candidates: 24}
			} else {
				one, _ := Searches.Default(name)
				search = one.Part
			}
			var regrets []float64
			for seed := range uint64(*seeds) {
				regrets = append(regrets, bestOf(run(t, search, s, seed, p.trials, p.value))-p.least)
			}
			slices.Sort(regrets)
			at := func(share float64) float64 { return regrets[int(share*float64(len(regrets)-1)+0.5)] }
			fmt.Printf("%s,%d,vertebra %s,%.4g,%.4g,%.4g\n", p.name, p.trials, name, at(0.5), at(0.25), at(0.75))
		}
	}
}
