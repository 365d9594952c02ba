package evaluate

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// ensembles is what testdata/make_ensembles.py computed.
type ensembles struct {
	Labels          []int
	Nets            [][][]float64
	Weights         []float64
	Mean, Geometric [][]float64
	Greedy          []struct {
		By, Number string
		Counts     []int
		Start      int
		Values     []float64
	}
	Agreement []struct{ Differ, Kappa, Errors, Both float64 }
}

// readEnsembles gives also the predictions of the nets, of the validation split.
func readEnsembles(t *testing.T) (want ensembles, nets [][]stage.Prediction) {
	t.Helper()
	parity.Read(t, "testdata/ensembles.json", &want)
	for _, said := range want.Nets {
		var items []stage.Prediction
		for i, p := range said {
			items = append(items, stage.Prediction{CaseID: fmt.Sprintf("%03d", i), Group: fmt.Sprint(i / 5), Split: stage.Validation, Label: want.Labels[i], Probabilities: p})
		}
		nets = append(nets, items)
	}
	return want, nets
}

// TestBlend holds blends against scikit-learn's VotingClassifier and against NumPy.
func TestBlend(t *testing.T) {
	t.Parallel()
	want, nets := readEnsembles(t)
	for by, reference := range map[string][][]float64{"mean": want.Mean, "geometric": want.Geometric} {
		tenfold := []float64{}
		for _, w := range want.Weights {
			tenfold = append(tenfold, 10*w)
		}
		b, err := NewBlend(by, tenfold)
		if err != nil {
			t.Fatal(err)
		}
		for i, item := range b.Of(nets) {
			if item.CaseID != nets[0][i].CaseID || item.Label != want.Labels[i] {
				t.Fatalf("%s: got case %s with label %d", by, item.CaseID, item.Label)
			}
			for k, v := range item.Probabilities {
				if !(math.Abs(v-reference[i][k]) <= 1e-14) {
					t.Errorf("%s, case %d, class %d: got %v, want %v", by, i, k, v, reference[i][k])
				}
			}
		}
	}
	if p := want.Geometric[0][0]; p > 1e-2 || p == 0 {
		t.Errorf("a net that rules a class out leaves it %v: the test shows nothing", p)
	}
}

func TestNewBlendRefuses(t *testing.T) {
	t.Parallel()
	for _, weights := range [][]float64{{-0.1, 1}, {0, 0}, {math.NaN(), 1}, {math.Inf(1), 1}, {math.MaxFloat64, math.MaxFloat64}} {
		if b, err := NewBlend("mean", weights); err == nil {
			t.Errorf("%v: got %v", weights, b)
		}
	}
}

// TestGreedy holds the selection against one in NumPy, step by step.
func TestGreedy(t *testing.T) {
	t.Parallel()
	want, nets := readEnsembles(t)
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}, {Name: "f1"}}}
	for _, w := range want.Greedy {
		name := w.By + " " + w.Number
		got, err := Greedy{By: w.By, Number: w.Number, Metrics: cfg, Rounds: len(w.Values) - 1}.Select(t.Context(), stage.Env{Recorder: stage.Discard, Workers: 3}, classes, nets)
		if err != nil {
			t.Fatal(err)
		}
		shares, err := NewBlend(w.By, floats(w.Counts))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Blend.Weights, shares.Weights) || got.Start != w.Start || got.Size != sum(w.Counts) {
			t.Errorf("%s: got %v from %d to %d, want %v of %v from %d", name, got.Blend.Weights, got.Start, got.Size, shares.Weights, w.Counts, w.Start)
		}
		for i, v := range got.Values {
			if !(math.Abs(v-w.Values[i]) <= 1e-12) {
				t.Errorf("%s, step %d: got %v, want %v", name, i, v, w.Values[i])
			}
		}
		measured, err := cfg.Number(t.Context(), stage.Env{}, classes, got.Blend.Of(nets), w.Number)
		if best := got.Values[got.Size-got.Start]; err != nil || !(math.Abs(measured.Value-best) <= 1e-12) {
			t.Errorf("%s: the blend has %v (%v), its selection said %v", name, measured.Value, err, best)
		}
	}
}

// TestGreedyNeeds: a number that there is, and that has a better way.
func TestGreedyNeeds(t *testing.T) {
	t.Parallel()
	_, nets := readEnsembles(t)
	for _, g := range []Greedy{{By: "mean", Number: "gini", Rounds: 1}, {By: "mean", Number: "rsna_log_loss", Rounds: 1}} {
		if got, err := g.Select(t.Context(), stage.Env{Recorder: stage.Discard, Workers: 3}, classes, nets); err == nil {
			t.Errorf("%s: got %+v", g.Number, got)
		}
	}
}

// TestAgreement holds the measures against scikit-learn and NumPy.
func TestAgreement(t *testing.T) {
	t.Parallel()
	want, nets := readEnsembles(t)
	got := Agreements(classes, nets)
	for i, w := range want.Agreement {
		g := got[i]
		if !near(g.Differ, w.Differ) || !near(g.Kappa, w.Kappa) || !near(g.Errors, w.Errors) || !near(g.BothWrong, w.Both) {
			t.Errorf("nets %d and %d: got %+v, want %+v", g.A, g.B, g, w)
		}
	}
	right := slices.Clone(nets[0])
	for i := range right {
		right[i].Probabilities = []float64{0, 0, 0}
		right[i].Probabilities[right[i].Label] = 1
	}
	if of := Agreements(classes, [][]stage.Prediction{right, right})[0]; !math.IsNaN(of.Errors) || of.Differ != 0 || of.Kappa != 1 {
		t.Errorf("nets without an error: got %+v", of)
	}
	if records := AgreementRecords([]string{"a", "b", "c"}, got, stage.Test); len(records) != 2 || records[1].(stage.Matrix).Values[2][1] != got[2].Errors {
		t.Errorf("got %+v", records)
	}
}
