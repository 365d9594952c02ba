package evaluate

import (
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func TestSubgroups(t *testing.T) {
	t.Parallel()
	item := func(side string, label int, p ...float64) stage.Prediction {
		return stage.Prediction{Label: label, Probabilities: p, Tags: map[string]string{"side": side}}
	}
	p := Predictions{Classes: classes, Items: []stage.Prediction{
		item("right", 0, 1, 0, 0), item("left", 1, 0.5, 0.5, 0), item("right", 0, 0.5, 0.5, 0), item("", 2, 0.25, 0.25, 0.5),
	}}
	cfg := Config{Subgroups: []string{"side", "level"}, Metrics: []registry.One[Metric]{{Name: "accuracy"}, {Name: "rsna_log_loss"}}}
	r, err := evaluation{cfg: cfg}.subgroups(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"subgroups: no case has the tag level"}; !slices.Equal(r.Notes, want) {
		t.Errorf("got %q", r.Notes)
	}
	// −ln 0.5 = 0.6931; the conditions of rsna_log_loss are missing, so its five cells are empty
	row := func(value string, cells ...any) []any {
		return append(append([]any{value}, cells...), "", "", "", "", "")
	}
	want := [][]any{row("(none)", 1, 1, 0.6931471805599453, 1.0), row("left", 1, 1, 0.6931471805599453, 0.0), row("right", 2, 1, 0.34657359027997275, 1.0)}
	if len(r.Tables) != 1 || r.Tables[0].Name != "by_side" || len(r.Tables[0].Columns) != 10 || !reflect.DeepEqual(r.Tables[0].Rows, want) {
		t.Errorf("got  %v\nwant %v", r.Tables, want)
	}
}

// TestSubgroupsWithoutAsking: every tag that tells cases apart, but none that
// has one value, or so many that it names cases.
func TestSubgroupsWithoutAsking(t *testing.T) {
	t.Parallel()
	items := some(60)
	for i := range items {
		items[i].Tags["scanner"] = "one"
		items[i].Tags["file"] = items[i].CaseID
	}
	got := evaluation{}.tags(Predictions{Classes: classes, Items: items})
	if want := []string{"condition", "level"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSubgroupsHaveIntervals: a row's interval is of its own groups, and is left
// out where they are too few.
func TestSubgroupsHaveIntervals(t *testing.T) {
	t.Parallel()
	items := some(300) // 50 groups
	for i := range items {
		items[i].Tags = map[string]string{"size": "many"}
		if i < 30 {
			items[i].Tags["size"] = "few"
		}
	}
	cfg := Config{Intervals: Default.Intervals}
	cfg.Intervals.Resamples = 200
	r, err := evaluation{cfg: cfg}.subgroups(t.Context(), Predictions{Classes: classes, Items: items})
	if err != nil {
		t.Fatal(err)
	}
	few, many := r.Tables[0].Rows[0], r.Tables[0].Rows[1]
	if _, ok := few[3].(float64); !ok || few[2] != 5 {
		t.Errorf("few: got %v", few)
	}
	e, ok := many[3].(stage.Estimate)
	if !ok || many[2] != 45 || e.Low >= e.Value || e.High <= e.Value {
		t.Errorf("many: got %v", many)
	}
}
