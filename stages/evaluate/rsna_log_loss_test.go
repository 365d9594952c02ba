package evaluate

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

func official() Metric {
	one, _ := Metrics.Default("rsna_log_loss")
	return one.Part
}

// TestThirdsCostLn3: equal probabilities cost ln 3 for each condition, whatever
// the labels.
func TestThirdsCostLn3(t *testing.T) {
	t.Parallel()
	items := some(60)
	for i := range items {
		items[i].Probabilities = []float64{1.0 / 3, 1.0 / 3, 1.0 / 3}
	}
	for _, name := range []string{"rsna_spinal", "rsna_foraminal", "rsna_subarticular"} {
		if got := value(t, official(), items, name); !(math.Abs(got-math.Log(3)) <= 1e-12) {
			t.Errorf("%s = %v, want ln 3", name, got)
		}
	}
}

// TestAnySevereByHand: study A has a moderate and a severe canal, the highest
// probability of severe is 0.6: y = 1, w = 4, cost 4·(−ln 0.6). Study B is
// moderate at worst, the highest is 0.2: y = 0, w = 2, cost 2·(−ln 0.8). Study C
// is normal, 0.1: y = 0, w = 1, cost −ln 0.9. The weights add up to 7.
func TestAnySevereByHand(t *testing.T) {
	t.Parallel()
	canal := func(study string, label int, p ...float64) stage.Prediction {
		return stage.Prediction{Group: study, Label: label, Probabilities: p, Tags: map[string]string{"condition": "spinal_canal_stenosis"}}
	}
	items := []stage.Prediction{
		canal("A", 1, 0.3, 0.5, 0.2), canal("A", 2, 0.2, 0.2, 0.6),
		canal("B", 1, 0.2, 0.7, 0.1), canal("B", 0, 0.7, 0.1, 0.2),
		canal("C", 0, 0.8, 0.1, 0.1),
	}
	any := (4*-math.Log(0.6) + 2*-math.Log(0.8) - math.Log(0.9)) / 7
	if got := value(t, official(), items, "rsna_any_severe"); !(math.Abs(got-any) <= 1e-12) {
		t.Errorf("any severe = %v, want %v", got, any)
	}
	// rows: weights 2, 4, 2, 1, 1 and the true class's probability
	spinal := (2*-math.Log(0.5) + 4*-math.Log(0.6) + 2*-math.Log(0.7) - math.Log(0.7) - math.Log(0.8)) / 10
	if got := value(t, official(), items, "rsna_spinal"); !(math.Abs(got-spinal) <= 1e-12) {
		t.Errorf("spinal = %v, want %v", got, spinal)
	}
	// the other two conditions have no rows: the mean is over two terms
	if got := value(t, official(), items, "rsna_log_loss"); !(math.Abs(got-(any+spinal)/2) <= 1e-12) {
		t.Errorf("score = %v, want %v", got, (any+spinal)/2)
	}
	if got := value(t, official(), items, "rsna_foraminal"); !math.IsNaN(got) {
		t.Errorf("foraminal = %v without rows, want NaN", got)
	}
}

// competition rebuilds the 1,975 labelled studies as far as the pooled metric
// sees them: each condition's number of rows of each label, and for the canal
// how many studies are severe (365) or moderate (345) at worst.
func competition() []stage.Case {
	var out []stage.Case
	add := func(condition, study string, label, n int) {
		for range n {
			id := fmt.Sprint(len(out))
			out = append(out, stage.Case{ID: id, Group: study, Label: label, Split: stage.Train, Tags: map[string]string{"condition": condition}})
		}
	}
	for i := range 1975 {
		study := fmt.Sprint("study", i)
		switch {
		case i < 365:
			add("spinal", study, 2, 1)
		case i < 365+345:
			add("spinal", study, 1, 1)
		default:
			add("spinal", study, 0, 1)
		}
	}
	add("spinal", "study0", 2, 470-365)
	add("spinal", "study0", 1, 736-345)
	add("spinal", "study0", 0, 8664-(1975-365-345))
	for label, n := range [3]int{7672 + 7685, 1794 + 1770, 399 + 380} {
		add("foraminal", "", label, n)
	}
	for label, n := range [3]int{6864 + 6869, 1835 + 1825, 913 + 927} {
		add("subarticular", "", label, n)
	}
	return out
}

// TestGoldenFigures: what guesses cost on the competition's training labels,
// computed independently from its tables.
func TestGoldenFigures(t *testing.T) {
	t.Parallel()
	cases := competition()
	p := Predictions{Classes: classes, Items: undecided(stage.Questions{Classes: classes}, cases, stage.Train)}
	shares, _ := guess(p, cases, nil)
	weighted, _ := guess(p, cases, severityWeights[:])
	for _, test := range []struct {
		name string
		p    Predictions
		want [5]float64 // score, spinal, foraminal, subarticular, any severe
	}{
		{"a third each", p, [5]float64{0.999410, 1.098612, 1.098612, 1.098612, 0.701803}},
		{"shares of each condition", shares, [5]float64{1.108663, 0.888330, 1.018609, 1.198170, 1.329542}},
		{"weighted shares", weighted, [5]float64{0.910831, 0.783259, 0.918900, 1.050715, 0.890450}},
	} {
		for i, s := range result(t, official(), test.p).Scalars {
			if !(math.Abs(s.Value-test.want[i]) <= 5e-7) {
				t.Errorf("%s: %s = %.7f, want %.6f", test.name, s.Name, s.Value, test.want[i])
			}
		}
	}
}

func TestDataThatIsNotRSNA(t *testing.T) {
	t.Parallel()
	untagged := some(3)
	untagged[1].Tags = map[string]string{"condition": "scoliosis"}
	for _, test := range []struct {
		p    Predictions
		want string
	}{
		{Predictions{Classes: []string{"severe", "moderate", "normal"}, Items: some(3)}, "the classes are severe, moderate, normal, want normal"},
		{Predictions{Classes: []string{"no", "yes"}, Items: some(3)}, "the classes are no, yes"},
		{Predictions{Classes: []string{"normal", "moderate", "severe", "extreme"}, Items: some(3)}, "the classes are"},
		{Predictions{Classes: classes, Items: untagged}, `case 00001: the condition is "scoliosis"`},
	} {
		_, err := measurePart(official(), test.p)
		if fault := (stage.Fault{}); !errors.As(err, &fault) || fault.Hint == "" || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want a fault with %q", err, test.want)
		}
	}
}

// TestEpsilonLimitsTheCost: a certain mistake costs −ln ε.
func TestEpsilonLimitsTheCost(t *testing.T) {
	t.Parallel()
	item := stage.Prediction{Label: 1, Probabilities: []float64{1, 0, 0}, Tags: map[string]string{"condition": "foraminal"}}
	got := value(t, RSNALogLoss{AnySevereWeight: 1, Epsilon: 0.01}, []stage.Prediction{item}, "rsna_log_loss")
	if want := -math.Log(0.01); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestRenormaliseClipsFirst: 1, 0, 0 is clipped to 0.99, 0.01, 0.01, which sum
// to 1.01.
func TestRenormaliseClipsFirst(t *testing.T) {
	t.Parallel()
	item := stage.Prediction{Probabilities: []float64{1, 0, 0}, Tags: map[string]string{"condition": "foraminal"}}
	got := value(t, RSNALogLoss{AnySevereWeight: 1, Renormalise: true, Epsilon: 0.01}, []stage.Prediction{item}, "rsna_foraminal")
	if want := -math.Log(0.99 / 1.01); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("got %v, want %v", got, want)
	}
}
