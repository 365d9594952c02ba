package evaluate

import (
	"reflect"
	"testing"

	"vertebra/stages/stage"
)

// TestOperatingPointOfTargets: each target has points of its own, whose mean is the number. Of
// finding a a probability of 0.8 parts yes from no, of b one of 0.3; together neither does.
func TestOperatingPointOfTargets(t *testing.T) {
	t.Parallel()
	p := Predictions{Classes: []string{"no", "yes"}, averageOver: "target"}
	for target, yes := range map[string][]float64{"a": {0.8, 0.9}, "b": {0.3, 0.4}} {
		for i, v := range append([]float64{yes[0] - 0.1, yes[0] - 0.2}, yes...) {
			p.Items = append(p.Items, stage.Prediction{Label: i / 2, Probabilities: []float64{1 - v, v}, Tags: map[string]string{"target": target}})
		}
	}
	m := OperatingPoint{Specificity: 0.9, Sensitivity: 0.9}
	got := p.show(m)
	if len(got.Tables) != 1 {
		t.Fatalf("%d tables, want one", len(got.Tables))
	}
	want := [][]any{{"a", 4, 2, 0.8, 0.8, 1.0, 1.0}, {"b", 4, 2, 0.3, 0.3, 1.0, 1.0}, {"mean", "", "", "", "", 1.0, 1.0}}
	if rows := got.Tables[0].Rows; !reflect.DeepEqual(rows, want) {
		t.Errorf("got %v, want %v", rows, want)
	}
	if values := p.values(m); !reflect.DeepEqual(values, []float64{1, 1}) {
		t.Errorf("the numbers are %v, want the means of the table", values)
	}
}
