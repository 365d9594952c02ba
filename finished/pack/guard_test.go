package pack

import (
	"fmt"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/packages"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestNameGuard: names of cases and folders are found where they stand alone, and words and
// numbers that only hold them are not.
func TestNameGuard(t *testing.T) {
	t.Parallel()
	g := newNameGuard("/home/me/study")
	g.learnRun(&results.RunRecord{Predictions: []stage.Prediction{{CaseID: "images/p12.png", Group: "Müller"}, {CaseID: "100446", Group: "p12"}}})
	e := experiments.Default()
	e.Data.Drop.Studies = []string{"777123"}
	e.Data.Split.File = registry.Path("/data/split.csv")
	g.learnExperiment(e)
	for _, c := range []struct {
		text       string
		sure, free string // what is found, with words of no digits and without
	}{
		{"nothing of it", "", ""},
		{"what of 100446?", "100446", "100446"},
		{"(100446)", "100446", "100446"},
		{"1004460 and 9100446", "", ""},
		{"p12 is too short", "", ""},
		{"see images/p12.png", "images/p12.png", "images/p12.png"},
		{"without 777123", "777123", "777123"},
		{"as Müller said", "", "Müller"},
		{"Müllerin", "", ""},
		{"in /home/me/study/x", "/home/me/study", "/home/me/study"},
		{"by /data/split.csv", "/data/split.csv", "/data/split.csv"},
	} {
		if got := g.named(c.text, true); got != c.sure {
			t.Errorf("%q: got %q, want %q", c.text, got, c.sure)
		}
		if got := g.named(c.text, false); got != c.free {
			t.Errorf("%q, words too: got %q, want %q", c.text, got, c.free)
		}
	}
}

// TestNameGuardChecks looks at every text that goes along, whoever wrote it, and takes the day
// in the id of a run for no name.
func TestNameGuardChecks(t *testing.T) {
	t.Parallel()
	check := func(run packages.Run, texts map[string]string) error {
		g := newNameGuard("/srv")
		g.learnRun(&results.RunRecord{Predictions: []stage.Prediction{{CaseID: "2026", Group: "s1001"}}})
		g.says("experiment.yaml", texts)
		return g.check(packages.Manifest{Run: run})
	}
	if err := check(packages.Run{ID: "2026-11-26-x", Name: "x"}, map[string]string{"ensemble.runs.0": "2026-11-26-y"}); err != nil {
		t.Error(err)
	}
	classes := packages.Run{ID: "x"}
	if err := classes.SetFact("classes", `["a","s1001"]`); err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"run x-s1001: id says":              check(packages.Run{ID: "x-s1001"}, nil),
		"run x: name says":                  check(packages.Run{ID: "x", Name: "s1001"}, nil),
		"run x: classes says":               check(classes, nil),
		"run x: number test s1001 says":     check(packages.Run{ID: "x", Numbers: []packages.Number{{Series: "test", Name: "s1001"}}}, nil),
		"experiment.yaml: data.x says":      check(packages.Run{ID: "x"}, map[string]string{"data.x": "s1001"}),
		`says "/srv", which is a folder of`: check(packages.Run{ID: "x"}, map[string]string{"data.x": "/srv/data"}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "hint: ") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// BenchmarkNameGuard looks for the names of many cases in the texts of an experiment.
func BenchmarkNameGuard(b *testing.B) {
	var predictions []stage.Prediction
	for i := range 200_000 {
		predictions = append(predictions, stage.Prediction{CaseID: fmt.Sprintf("images/%07d.png", i), Group: fmt.Sprintf("patient%05d", i/4)})
	}
	texts := experiments.Texts(experiments.Default())
	for b.Loop() {
		g := newNameGuard("/srv")
		g.learnRun(&results.RunRecord{Predictions: predictions})
		g.says("experiment.yaml", texts)
		if err := g.check(packages.Manifest{Run: packages.Run{ID: "x"}}); err != nil {
			b.Fatal(err)
		}
	}
}
