package evaluate

import (
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

func TestSubgroups(t *testing.T) {
	t.Parallel()
	item := func(side string, label int, p ...float64) stage.Prediction {
		return stage.Prediction{Label: label, Probabilities: p, Tags: map[string]string{"side": side}}
	}
	p := Predictions{classes, []stage.Prediction{
		item("right", 0, 1, 0, 0), item("left", 1, 0.5, 0.5, 0), item("right", 0, 0.5, 0.5, 0), item("", 2, 0.25, 0.25, 0.5),
	}}
	r := result(t, Subgroups{Tags: []string{"side", "level"}}, p)
	if want := []string{"no case has the tag level"}; !slices.Equal(r.Notes, want) {
		t.Errorf("got %q", r.Notes)
	}
	// −ln 0.5 = 0.6931; left is taken for normal: F1 of normal and of moderate is 0
	want := []stage.Table{{Name: "by_side", Title: "By side", Columns: []string{"side", "cases", "accuracy", "macro F1", "loss"}, Rows: [][]any{
		{"(none)", 1, 1.0, 1.0, 0.6931471805599453},
		{"left", 1, 0.0, 0.0, 0.6931471805599453},
		{"right", 2, 1.0, 1.0, 0.34657359027997275},
	}}}
	if !reflect.DeepEqual(r.Tables, want) {
		t.Errorf("got  %v\nwant %v", r.Tables, want)
	}
}
