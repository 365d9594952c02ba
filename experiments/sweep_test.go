package experiments

import (
	"strings"
	"testing"

	"vertebra/sweeps"
)

func loadGoodSweep(t *testing.T) *Sweep {
	t.Helper()
	s, _, err := LoadSweep("testdata/good/sweep.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A trial is the experiment with its settings: those of a part that is chosen,
// values that are tied, and a part that is left out.
func TestTrialOfASweep(t *testing.T) {
	t.Parallel()
	s := loadGoodSweep(t)
	at, err := s.Space.Locate(map[string]string{
		"train.optimizer": "adam", "train.optimizer.adam.rate": "0.002", "train.ema": "null", "train.loss": "{focal: {gamma: 1}}",
		"train.loss.focal.gamma": "2.5", "train.batch": "24", "train.accumulate": "2"})
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Trial(s.Space.Assign(at), "seed=7")
	if err != nil {
		t.Fatal(err)
	}
	text := string(Resolved(e))
	for _, want := range []string{"rate: 0.002\n", "rate: 0.0002\n", "gamma: 2.5\n", "batch: 24\n", "ema: null\n", "seed: 7\n", "sweep: null\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	again, err := Read([]byte(text))
	if err != nil || string(Resolved(again)) != text {
		t.Errorf("what is stored is read back otherwise: %v", err)
	}
}

// The base has a place in the space where its values are in it: choices by what
// they make, numbers by their value.
func TestBasePoint(t *testing.T) {
	t.Parallel()
	s := loadGoodSweep(t)
	at, inside := s.BasePoint()
	if inside { // the tied rate of the phase is no setting of the base, but not searched
		if got := s.Space.Values(at)["train.optimizer"]; got != "adam" {
			t.Errorf("got %q, want adam", got)
		}
	} else {
		t.Errorf("got %v: adam, no ema, cross_entropy and a batch of 32 are in the space", s.Space.Values(at))
	}
}

// A stored sweep is the same sweep.
func TestReadSweep(t *testing.T) {
	t.Parallel()
	s := loadGoodSweep(t)
	again, err := ReadSweep(s.Resolved())
	if err != nil || string(again.Resolved()) != string(s.Resolved()) {
		t.Errorf("%v:\n%s", err, s.Resolved())
	}
	assign := []sweeps.Assignment{{Path: "train.batch", Value: "9"}}
	a, err := s.Trial(assign)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := again.Trial(assign); err != nil || string(Resolved(a)) != string(Resolved(b)) {
		t.Errorf("%v: other trials", err)
	}
}

// A plain file loads without a warning, as the same experiment but for settings
// that did nothing.
func TestPlain(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/good/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	again, _, warnings, err := loadWhole(inMemory(map[string]string{"plain": string(Plain(e))}), "plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(Resolved(again)), string(Resolved(e)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, w := range warnings {
		if strings.HasPrefix(w.Text, "has no effect") {
			t.Errorf("%v", w)
		}
	}
}
