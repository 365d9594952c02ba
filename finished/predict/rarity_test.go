package predict

import (
	"math"
	"testing"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// TestRarity: the p-value of an image is the mean over the nets, and over the members of an ensemble, each
// with its own nets; where one knows nothing of its training, nobody knows.
func TestRarity(t *testing.T) {
	t.Parallel()
	asked := experiments.Default()
	asked.Evaluate.Outliers = &evaluate.Outliers{}
	knows := finished.Net{Outliers: train.Folder("x")}
	for name, c := range map[string]struct {
		o     finished.Opened
		knows bool
	}{
		"all know":      {finished.Opened{Experiment: asked, Nets: []finished.Net{knows, knows}}, true},
		"one does not":  {finished.Opened{Experiment: asked, Nets: []finished.Net{knows, {}}}, false},
		"nobody asked":  {finished.Opened{Experiment: experiments.Default(), Nets: []finished.Net{knows}}, false},
		"an only net":   {finished.Opened{Experiment: asked, Nets: []finished.Net{knows}}, true},
		"an only other": {finished.Opened{Experiment: asked, Nets: []finished.Net{{}}}, false},
	} {
		if r := newRarity(c.o); (r != nil) != c.knows {
			t.Errorf("%s: got %v", name, r)
		}
	}
	two, one := &Rarity{nets: 2, p: map[string]float64{"a": 0.4, "b": 2}, least: 0.01}, &Rarity{nets: 1, p: map[string]float64{"a": 0.6, "b": 1}, least: 0.03}
	mean := meanRarity([]*Rarity{two, one})
	if a, b := mean.Of("a"), mean.Of("b"); math.Abs(a-0.4) > 1e-12 || b != 1 || math.Abs(mean.least-0.02) > 1e-12 {
		t.Errorf("got %g, %g, at least %g", a, b, mean.least)
	}
	if meanRarity([]*Rarity{two, nil}) != nil {
		t.Error("a member that knows nothing is passed over")
	}
}

// TestOutlying: images as far out as nothing of validation was are told once each, where that is rare.
func TestOutlying(t *testing.T) {
	t.Parallel()
	items := []stage.Prediction{{CaseID: "a"}, {CaseID: "b"}, {CaseID: "c"}, {CaseID: "a"}}
	p := Predictor{Rarity: &Rarity{nets: 2, p: map[string]float64{"a": 0.02, "b": 1, "c": 0.02}, least: 0.01}}
	if got, want := p.outlying(items), "2 of 3 images are further from those of the training than any of validation was, such as a (outlier_p 0.01): the nets may not know such images"; got != want {
		t.Errorf("got %q", got)
	}
	p.Rarity.least = 0.5 // of one validation image that is nothing
	p.Rarity.p["a"] = 1
	if got := p.outlying(items); got != "" {
		t.Errorf("of few validation images: got %q", got)
	}
	if got := (Predictor{}).outlying(items); got != "" {
		t.Errorf("where nobody knows: got %q", got)
	}
}
