package evaluate

import (
	"reflect"
	"testing"

	"vertebra/stages/stage"
)

// TestAverageChoosesNumbers: the setting decides which numbers there are.
func TestAverageChoosesNumbers(t *testing.T) {
	t.Parallel()
	for average, want := range map[string][]string{
		macro: {"macro_f1"}, weighted: {"weighted_f1"}, both: {"macro_f1", "weighted_f1"},
	} {
		var got []string
		for _, s := range result(t, F1{Average: average}, Predictions{Classes: classes, Items: some(10)}).Scalars {
			got = append(got, s.Name)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", average, got, want)
		}
	}
}

// TestAveragesByHand: of class a two of three are found and one b is taken for
// it; b has one case, never found; c neither occurs nor is predicted.
func TestAveragesByHand(t *testing.T) {
	t.Parallel()
	a, b := []float64{1, 0, 0}, []float64{0, 1, 0}
	p := Predictions{Classes: classes, Items: []stage.Prediction{
		{Label: 0, Probabilities: a}, {Label: 0, Probabilities: a}, {Label: 0, Probabilities: b}, {Label: 1, Probabilities: a},
	}}
	for _, test := range []struct {
		m               Metric
		macro, weighted float64
	}{
		{Precision{both}, (2.0 / 3) / 2, 3.0 / 4 * 2 / 3},
		{Recall{both}, (2.0 / 3) / 2, 3.0 / 4 * 2 / 3},
		{F1{both}, (2.0 / 3) / 2, 3.0 / 4 * 2 / 3},
		{BalancedAccuracy{}, (2.0 / 3) / 2, 0},
		{Accuracy{}, 0.5, 0},
	} {
		got := result(t, test.m, p).Scalars
		if !near(got[0].Value, test.macro) || len(got) > 1 && !near(got[1].Value, test.weighted) {
			t.Errorf("%T: got %v, want %v and %v", test.m, got, test.macro, test.weighted)
		}
	}
}
