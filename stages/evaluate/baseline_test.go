package evaluate

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

func tags(condition, level string) map[string]string {
	return map[string]string{"condition": condition, "level": level}
}

// training has 4 normal, 2 moderate and 1 severe canal at L4/L5, and two normal
// ones at L1/L2. A validation case must not count.
func training() []stage.Case {
	var out []stage.Case
	for _, label := range []int{0, 0, 0, 0, 1, 1, 2} {
		out = append(out, stage.Case{Label: label, Split: stage.Train, Tags: tags("spinal", "l4_l5")})
	}
	for range 2 {
		out = append(out, stage.Case{Label: 0, Split: stage.Train, Tags: tags("spinal", "l1_l2")})
	}
	return append(out, stage.Case{Label: 2, Split: stage.Validation, Tags: tags("spinal", "l4_l5")})
}

func TestPriors(t *testing.T) {
	t.Parallel()
	of := func(weights []float64, tags map[string]string) []float64 {
		p, ok := guess(Predictions{Classes: classes, Items: []stage.Prediction{{Tags: tags}}}, training(), weights)
		if !ok {
			t.Fatal("there are training cases")
		}
		return p.Items[0].Probabilities
	}
	for _, test := range []struct {
		name      string
		got, want []float64
	}{
		{"alike", of(nil, tags("spinal", "l4_l5")), []float64{4.0 / 7, 2.0 / 7, 1.0 / 7}},
		{"weighted", of([]float64{1, 2, 4}, tags("spinal", "l4_l5")), []float64{4.0 / 12, 4.0 / 12, 4.0 / 12}},
		{"classes that do not occur here", of(nil, tags("spinal", "l1_l2")), []float64{3.0 / 5, 1.0 / 5, 1.0 / 5}},
		{"a place not seen", of(nil, tags("foraminal", "l1_l2")), []float64{6.0 / 9, 2.0 / 9, 1.0 / 9}},
		{"no tags", of(nil, nil), []float64{6.0 / 9, 2.0 / 9, 1.0 / 9}},
	} {
		if !slices.EqualFunc(test.got, test.want, near) {
			t.Errorf("%s: got %v, want %v", test.name, test.got, test.want)
		}
	}
}

// TestPriorsAreOfLabels: pseudo-labels change neither the baseline nor what is stored of it.
func TestPriorsAreOfLabels(t *testing.T) {
	t.Parallel()
	taught := append(training(), stage.Case{Label: 1, Soft: []float32{0, 1, 0}, Split: stage.Train, Tags: training()[0].Tags})
	want, _ := countPriors(3, training())
	if got, ok := countPriors(3, taught); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	before, err := trainingFact(3, training())
	if got, second := trainingFact(3, taught); err != nil || second != nil || !reflect.DeepEqual(got, before) {
		t.Errorf("got %v, want %v", got, before)
	}
}

// TestBaselineIsTheBestGuess: each metric's baseline weighs the classes as the
// metric does. Of the two kinds of shares, the plain ones have the lower plain
// log loss and the weighted ones the lower RSNA log loss.
func TestBaselineIsTheBestGuess(t *testing.T) {
	t.Parallel()
	cases := training()
	p := Predictions{Classes: classes, Items: undecided(stage.Questions{Classes: classes}, cases, stage.Train)}
	sheets, err := baseline(only("rsna_log_loss"), cases, p)
	got := guessed(only("rsna_log_loss"), sheets)
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := guess(p, cases, nil)
	weighted, _ := guess(p, cases, severityWeights[:])
	loss := func(p Predictions) float64 { return value(t, LogLoss{}, p.Items, "loss") }
	score := func(p Predictions) float64 { return value(t, official(), p.Items, "rsna_spinal") }
	if loss(plain) >= loss(weighted) || score(weighted) >= score(plain) {
		t.Fatal("the test's data do not tell the shares apart")
	}
	if got[0].Name != "loss" || got[0].Value != loss(plain) {
		t.Errorf("got %v, want the loss %v", got[0], loss(plain))
	}
	if got[2].Name != "rsna_spinal" || got[2].Value != score(weighted) {
		t.Errorf("got %v, want %v", got[2], score(weighted))
	}
}

func TestNoBaselineWithoutTraining(t *testing.T) {
	t.Parallel()
	got, err := baseline(Default, nil, Predictions{Classes: classes, Items: some(3)})
	if err != nil || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSharesSumToOne(t *testing.T) {
	t.Parallel()
	for _, counts := range [][]float64{{1, 2, 3}, {0, 0, 5}, {1e9, 1, 0}} {
		sum := 0.0
		for _, v := range toShares(counts, []float64{1, 2, 4}) {
			sum += v
		}
		if !(math.Abs(sum-1) <= 1e-15) {
			t.Errorf("shares of %v sum to %v", counts, sum)
		}
	}
}
