package evaluate

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestCrossFit: no blend was found on a case of its groups, all cases but those of a part were
// given, in one order, and the same seed deals the same parts.
func TestCrossFit(t *testing.T) {
	t.Parallel()
	_, nets := readEnsembles(t)
	seen := map[string]map[string]bool{} // cases that a blend was found on, by its weight
	find := func(members [][]stage.Prediction) (Blend, error) {
		weight := float64(len(seen))
		cases := map[string]bool{}
		for i, item := range members[0] {
			if members[2][i].CaseID != item.CaseID {
				t.Fatalf("net 2 was given %s beside %s", members[2][i].CaseID, item.CaseID)
			}
			cases[item.CaseID] = true
		}
		seen[fmt.Sprint(weight)] = cases
		return Blend{By: "mean", Weights: []float64{weight, 0, 0}}, nil
	}
	own, err := CrossFit(7, 5, nets, find)
	if err != nil || len(seen) != 5 {
		t.Fatalf("%d parts, %v", len(seen), err)
	}
	for _, item := range nets[0] {
		if seen[fmt.Sprint(own[item.Group].Weights[0])][item.CaseID] {
			t.Errorf("case %s of group %s had a part in its blend", item.CaseID, item.Group)
		}
	}
	for part, cases := range seen {
		left := 0
		for _, b := range own {
			if fmt.Sprint(b.Weights[0]) == part {
				left++
			}
		}
		if left < 2 || left > 3 || len(cases) != len(nets[0])-5*left { // 12 groups of 5 cases
			t.Errorf("part %s of %d groups was found on %d of %d cases", part, left, len(cases), len(nets[0]))
		}
	}
	first := maps.Clone(own)
	seen = map[string]map[string]bool{}
	if again, _ := CrossFit(7, 5, nets, find); fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("got %v, then %v", first, again)
	}
	seen = map[string]map[string]bool{}
	if other, _ := CrossFit(8, 5, nets, find); fmt.Sprint(other) == fmt.Sprint(first) {
		t.Error("another seed deals the same parts")
	}
}

// TestCrossFitNeeds: two groups at least, and a blend of each part.
func TestCrossFitNeeds(t *testing.T) {
	t.Parallel()
	_, nets := readEnsembles(t)
	few := [][]stage.Prediction{nets[0][:5], nets[1][:5]}
	if own, err := CrossFit(1, 5, few, nil); own != nil || err != nil {
		t.Errorf("one group: %v, %v", own, err)
	}
	parts := 0
	count := func([][]stage.Prediction) (Blend, error) { parts++; return Blend{}, nil }
	if own, err := CrossFit(1, 5, [][]stage.Prediction{nets[0][:15]}, count); len(own) != 3 || parts != 3 || err != nil {
		t.Errorf("three groups: %v, %d parts, %v", own, parts, err)
	}
	broken := errors.New("no number")
	if own, err := CrossFit(1, 5, nets, func([][]stage.Prediction) (Blend, error) { return Blend{}, broken }); own != nil || !errors.Is(err, broken) {
		t.Errorf("got %v, %v", own, err)
	}
}

// TestCrossFitIsHonest: of nets that only guess, the weights found best look better on the cases
// that they were found on than a guess, and those of other cases do not.
func TestCrossFitIsHonest(t *testing.T) {
	t.Parallel()
	const tables, size, groups = 8, 20, 30
	cfg, two := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}}, []string{"no", "yes"}
	find := func(members [][]stage.Prediction) (Blend, error) {
		s, err := Greedy{By: "mean", Number: "loss", Metrics: cfg, Rounds: 20}.Select(t.Context(), stage.Env{Recorder: stage.Discard, Workers: 2}, two, members)
		return s.Blend, err
	}
	loss := func(items []stage.Prediction) float64 {
		n, err := cfg.Number(t.Context(), stage.Env{}, two, items, "loss")
		if err != nil {
			t.Fatal(err)
		}
		return n.Value
	}
	var nets [][]stage.Prediction
	var blend Blend
	var own map[string]Blend
	var apparent, honest float64
	for table := range tables {
		r := stage.Rand(3, "guesses", table)
		nets = make([][]stage.Prediction, size)
		for i := range groups * 3 {
			label := r.IntN(2)
			for m := range nets {
				p := 0.1 + 0.8*r.Float64()
				nets[m] = append(nets[m], stage.Prediction{CaseID: fmt.Sprintf("%03d", i), Group: fmt.Sprint(i / 3), Split: stage.Validation, Label: label, Probabilities: []float64{1 - p, p}})
			}
		}
		var err error
		if blend, err = find(nets); err != nil {
			t.Fatal(err)
		}
		if own, err = CrossFit(1, 5, nets, find); err != nil {
			t.Fatal(err)
		}
		a, h := loss(blend.Of(nets)), loss(blend.OfGroups(own, stage.Validation, nets))
		apparent, honest = apparent+a/tables, honest+h/tables
	}
	if !(apparent < math.Ln2-0.03) || !(honest > math.Ln2-0.01) {
		t.Errorf("guesses have %.3f where weights were found, %.3f elsewhere; chance has %.3f", apparent, honest, math.Ln2)
	}
	tested := slices.Clone(nets[0])
	for i := range tested {
		tested[i].Split = stage.Test
	}
	for i, item := range blend.OfGroups(own, stage.Validation, append([][]stage.Prediction{tested}, nets[1:]...)) {
		if want := blend.Of(nets)[i].Probabilities; !slices.Equal(item.Probabilities, want) {
			t.Fatalf("a test case was blended as %v, want %v", item.Probabilities, want)
		}
	}
}
