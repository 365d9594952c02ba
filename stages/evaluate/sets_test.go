package evaluate

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// setsReference is testdata/prediction_sets.json, made by testdata/prediction_sets.py.
type setsReference struct {
	Name          string
	Known, New    [][]float64
	Labels        []int
	Groups        []int
	Want          []setsWanted
	known, coming []stage.Prediction
}

type setsWanted struct {
	Method, Exchangeable, Guarantee string
	Randomised                      bool
	Coverage                        float64
	Thresholds                      []ceiling
	Sets                            []string
}

func readSetsReference(t *testing.T) (all []setsReference) {
	t.Helper()
	text, err := os.ReadFile("testdata/prediction_sets.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for i, r := range all {
		for at, p := range r.Known {
			all[i].known = append(all[i].known, stage.Prediction{CaseID: fmt.Sprintf("%03d", at), Group: fmt.Sprint(r.Groups[at]), Label: r.Labels[at], Probabilities: p})
		}
		for at, p := range r.New {
			all[i].coming = append(all[i].coming, stage.Prediction{CaseID: fmt.Sprintf("%03d", len(r.Known)+at), Probabilities: p})
		}
	}
	return all
}

// asked is the section that a reference was made with, its seed 7.
func (w setsWanted) asked(t *testing.T) Conformal {
	t.Helper()
	method, known := ConformalMethods.Default(w.Method)
	if !known {
		t.Fatalf("there is no %s", w.Method)
	}
	switch m := method.Part.(type) {
	case APS:
		m.Randomised = w.Randomised
		method.Part = m
	case RAPS:
		m.Randomised = w.Randomised
		method.Part = m
	case OrdinalAPS:
		m.Randomised = w.Randomised
		method.Part = m
	}
	return Conformal{w.Coverage, method, w.Guarantee, w.Exchangeable}
}

// TestParityOfConformalMethodsIsFresh holds thresholds and sets against the papers' equations
// in NumPy, those of lac and aps also against MAPIE, and writes docs/parity.md.
func TestParityOfConformalMethodsIsFresh(t *testing.T) {
	w := &widest{t: t}
	for _, r := range readSetsReference(t) {
		labels := make([]string, len(r.Known[0]))
		p, err := prepare(labels, r.known)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range r.Want {
			s := want.asked(t).fit(p, 7)
			what := fmt.Sprintf("%s, %+v", r.Name, want)
			if len(s.Thresholds) != len(want.Thresholds) {
				t.Fatalf("%s: got %v", what, s.Thresholds)
			}
			number := "thresholds of exchangeable " + want.Exchangeable
			for i, got := range s.Thresholds {
				if a, b := math.IsInf(float64(got), 1), math.IsInf(float64(want.Thresholds[i]), 1); a && b {
					continue
				} else if a || b {
					t.Fatalf("%s: got %v", what, s.Thresholds)
				}
				w.addOf(want.Method, number, setReferences[want.Method], float64(got), float64(want.Thresholds[i]))
			}
			for i, item := range r.coming {
				if got := inSet(s.Set(item), len(labels)); got != want.Sets[i] {
					t.Errorf("%s: case %d: got %s, want %s", what, i, got, want.Sets[i])
				}
			}
		}
	}
	for _, name := range ConformalMethods.Names() {
		if !slices.ContainsFunc(w.rows, func(r parity.Row) bool { return r.Part == name }) {
			t.Errorf("%s is compared with nothing", name)
		}
		if _, err := os.Stat(name + ".go"); err != nil {
			t.Errorf("the file is not named as the method: %v", err)
		}
	}
	parity.Hold(t, "../../docs/parity.md", "conformal methods", w.rows, *update)
}

// setReferences say what each method was held against.
var setReferences = map[string]string{
	"lac": "MAPIE 1.6.0, and Sadinle et al. 2019 in NumPy", "aps": "MAPIE 1.6.0, and Romano et al. 2020 in NumPy",
	"raps": "Angelopoulos et al. 2021 in NumPy", "ordinal_aps": "Lu et al. 2022 in NumPy",
}

func inSet(set []int, classes int) string {
	out := slices.Repeat([]byte("0"), classes)
	for _, k := range set {
		out[k] = '1'
	}
	return string(out)
}

// everyConformal runs a test for each method, random and not, with each unit and guarantee.
func everyConformal(t *testing.T, test func(t *testing.T, c Conformal)) {
	for _, name := range ConformalMethods.Names() {
		for _, randomised := range []bool{false, true} {
			for _, unit := range []string{"cases", "groups"} {
				for _, guarantee := range []string{"marginal", "class_conditional"} {
					c := setsWanted{Method: name, Randomised: randomised, Coverage: 0.8, Exchangeable: unit, Guarantee: guarantee}.asked(t)
					t.Run(fmt.Sprint(name, randomised, unit, guarantee), func(t *testing.T) { t.Parallel(); test(t, c) })
				}
			}
		}
	}
}

// unsure are n groups of one to most cases whose labels are drawn from other probabilities
// than are stated; all cases of a group err alike.
func unsure(seed uint64, n, most int) (items []stage.Prediction) {
	for g := range n {
		r := stage.Rand(seed, "unsure", g)
		shift := r.IntN(3)
		for c := range 1 + r.IntN(most) {
			p := normalised([]float64{r.ExpFloat64(), r.ExpFloat64(), r.ExpFloat64()})
			label := r.IntN(3)
			if r.Float64() < 0.6 {
				label = (largest(p) + shift/2) % 3
			}
			items = append(items, stage.Prediction{CaseID: fmt.Sprint(seed, "-", g, "-", c), Group: fmt.Sprint(g), Label: label, Probabilities: p})
		}
	}
	return items
}

// TestCoverageOfExchangeableUnits leaves out each unit of a sample in turn, which is what
// exchangeable means: over all of them its share of sets with the true class is at least what
// was asked for, whatever the sample, and with random ties at most one unit's weight more
// (Vovk et al. 2005), of groups two units' weight (Lee et al. 2023).
func TestCoverageOfExchangeableUnits(t *testing.T) {
	t.Parallel()
	everyConformal(t, func(t *testing.T, c Conformal) {
		for seed := range uint64(4) {
			items, most := unsure(seed, 25, 5), 2.0
			if c.Exchangeable == "cases" {
				items, most = unsure(seed, 40, 1), 1
			}
			for _, of := range conditions(c, items) {
				covered, units := leaveOneOut(t, c, items, of)
				if covered < c.Coverage-1e-9 {
					t.Errorf("seed %d: %v of %d units are covered", seed, covered, units)
				}
				_, ranges := c.Method.Part.(Contiguous)
				if gaps := ranges && c.conditional(); exact(c) && !gaps && covered > c.Coverage+most/float64(units)+1e-9 {
					t.Errorf("seed %d: %v of %d units are covered, too many", seed, covered, units)
				}
			}
		}
	})
}

// exact says whether no two scores are alike.
func exact(c Conformal) bool {
	deterministic := []ConformalMethod{APS{}, RAPS{Penalty: 0.1, Free: 1}, OrdinalAPS{}}
	return !slices.Contains(deterministic, c.Method.Part)
}

// conditions are the labels that coverage is promised for; −1 is any.
func conditions(c Conformal, items []stage.Prediction) []int {
	if c.conditional() {
		return []int{0, 1, 2}
	}
	return []int{-1}
}

// leaveOneOut gives the mean share of covered cases with a label over the units that have some.
func leaveOneOut(t *testing.T, c Conformal, items []stage.Prediction, label int) (covered float64, units int) {
	t.Helper()
	wanted := func(item stage.Prediction) bool { return label < 0 || item.Label == label }
	by := map[string][]stage.Prediction{}
	for _, item := range items {
		by[item.Group] = append(by[item.Group], item)
	}
	for group, out := range by {
		out = slices.DeleteFunc(slices.Clone(out), func(item stage.Prediction) bool { return !wanted(item) })
		if len(out) == 0 {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(items), func(item stage.Prediction) bool { return item.Group == group })
		p, err := prepare(classes, rest)
		if err != nil {
			t.Fatal(err)
		}
		s, held := c.fit(p, 1), 0.0
		for _, item := range out {
			if slices.Contains(s.Set(item), item.Label) {
				held++
			}
		}
		covered, units = covered+held/float64(len(out)), units+1
	}
	return covered / float64(units), units
}

// TestCoverageOverRandomSplits: of many samples, the mean coverage of new cases lies between
// 1−α and 1−α + 1/(n+1).
func TestCoverageOverRandomSplits(t *testing.T) {
	t.Parallel()
	const n, splits, coming = 19, 600, 40
	for _, name := range ConformalMethods.Names() {
		c := setsWanted{Method: name, Randomised: true, Coverage: 0.83, Exchangeable: "cases", Guarantee: "marginal"}.asked(t)
		var sum, squares float64
		for split := range uint64(splits) {
			items := unsure(100+split, n+coming, 1)
			p, err := prepare(classes, items[:n])
			if err != nil {
				t.Fatal(err)
			}
			s, held := c.fit(p, split), 0.0
			for _, item := range items[n:] {
				if slices.Contains(s.Set(item), item.Label) {
					held++
				}
			}
			sum, squares = sum+held/coming, squares+held*held/coming/coming
		}
		mean := sum / splits
		three := 3 * math.Sqrt((squares/splits-mean*mean)/splits)
		if mean < c.Coverage-three || mean > c.Coverage+1.0/(n+1)+three {
			t.Errorf("%s: mean coverage %.4f ± %.4f, want %.4f to %.4f", name, mean, three, c.Coverage, c.Coverage+1.0/(n+1))
		}
	}
}

// TestEverySetThreshold: sets only grow with the coverage, hold the likeliest class where that
// is promised, and leave no grade out where that is.
func TestEverySetThreshold(t *testing.T) {
	t.Parallel()
	everyConformal(t, func(t *testing.T, c Conformal) {
		p, err := prepare(classes, unsure(9, 40, 3))
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range unsure(10, 40, 1) {
			var before []int
			for _, c.Coverage = range []float64{0.5, 0.6, 0.8, 0.9, 0.99} {
				set := c.fit(p, 3).Set(item)
				if slices.ContainsFunc(before, func(k int) bool { return !slices.Contains(set, k) }) {
					t.Fatalf("coverage %g: %v was %v before", c.Coverage, set, before)
				}
				if _, is := c.Method.Part.(Contiguous); is && len(set) > 0 && set[len(set)-1]-set[0] != len(set)-1 {
					t.Fatalf("coverage %g: %v leaves a grade out", c.Coverage, set)
				}
				if !exact(c) && !c.conditional() && !slices.Contains(set, largest(item.Probabilities)) {
					t.Fatalf("coverage %g: %v of %v", c.Coverage, set, item.Probabilities)
				}
				before = set
			}
			if len(before) != 3 { // 40 groups, and far fewer cases of a class than 99: coverage 0.99 takes all
				t.Fatalf("got %v", before)
			}
		}
	})
}

// TestQuantileOfGroups by hand: of groups {1, 2}, {3} and {4, 4} with a fourth at infinity, 3
// is what 2 of 4 groups are at most, and 4 what 3 of 4 are.
func TestQuantileOfGroups(t *testing.T) {
	t.Parallel()
	known := []scored{{3, 1}, {1, 0}, {4, 2}, {2, 0}, {4, 2}}
	for coverage, want := range map[float64]float64{0.125: 1, 0.25: 2, 0.5: 3, 0.51: 4, 0.75: 4, 0.76: math.Inf(1)} {
		if got := (Conformal{Coverage: coverage}).quantile(known); got != want {
			t.Errorf("coverage %g: got %v, want %v", coverage, got, want)
		}
	}
	var cases []scored
	for i := range 100 {
		cases = append(cases, scored{float64(i), i})
	}
	for _, coverage := range []float64{0.55, 0.57, 0.7, 0.9, 0.95} { // 101·0.9 = 90.9: the 91st
		want := math.Ceil(101*coverage-1e-9) - 1
		if got := (Conformal{Coverage: coverage}).quantile(cases); got != want {
			t.Errorf("coverage %g of 100 cases: got %v, want %v", coverage, got, want)
		}
	}
	if got := (Conformal{Coverage: 0.9}).least(); got != 9 {
		t.Errorf("9 cases are enough for 0.9, got %d", got)
	}
	if got := (Conformal{Coverage: 0.9}).quantile(cases[:9]); got != 8 {
		t.Errorf("of 9 the last: got %v", got)
	}
}

func TestSetsAreStored(t *testing.T) {
	t.Parallel()
	want := Sets{Method: storedMethod{registry.One[ConformalMethod]{Name: "raps", Part: RAPS{Penalty: 0.2, Free: 2}}}, Score: "s", Coverage: 0.9, Guarantee: "class_conditional",
		Exchangeable: "groups", Seed: math.MaxUint64, Thresholds: []ceiling{0.1, ceiling(math.Inf(1)), 0.3}, Tag: "target", Of: map[string][]ceiling{"a": {1}}}
	fact, err := want.Fact()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ReadSets(fact.Value, 3); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; stored %s", got, err, fact.Value)
	}
	if !strings.Contains(fact.Value, `"method":{"raps":{"free":2,"penalty":0.2,"randomised":false}}`) || !strings.Contains(fact.Value, `[0.1,null,0.3]`) {
		t.Errorf("stored %s", fact.Value)
	}
	for _, text := range []string{"", "{}", `{"method":"lac"}`, `{"method":"lac","thresholds":[1,2]}`, `{"method":"lakk","thresholds":[1]}`, `{"method":{"raps":{"free":-1}},"thresholds":[1]}`, `{"method":"lac","thresholds":[1],"of":{"a":[]}}`} {
		if _, err := ReadSets(text, 3); err == nil || !strings.Contains(err.Error(), "stored prediction sets") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// FuzzReadSets: what can be read makes sets of any probabilities, without a panic.
func FuzzReadSets(f *testing.F) {
	f.Add(`{"method":{"raps":{"free":2,"penalty":0.2}},"thresholds":[0.1,null,0.3],"tag":"t","of":{"a":[1]}}`)
	f.Add(`{"method":"ordinal_aps","thresholds":[0.1]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ReadSets(text, 3)
		if err != nil {
			return
		}
		for _, p := range [][]float64{{1, 0, 0}, {0.2, 0.3, 0.5}, {1.0 / 3, 1.0 / 3, 1.0 / 3}} {
			s.Set(stage.Prediction{CaseID: "a", Probabilities: p, Tags: map[string]string{"t": "a"}})
		}
	})
}
