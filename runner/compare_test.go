package main

import (
	"reflect"
	"testing"

	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// TestContend: runs of one experiment with other seeds and names are one
// contender; another setting is another.
func TestContend(t *testing.T) {
	t.Parallel()
	run := func(id, experiment string) *results.RunRecord {
		return &results.RunRecord{RunSummary: results.RunSummary{ID: id}, Experiment: experiment,
			Predictions: []stage.Prediction{{Probabilities: []float64{0.5, 0.5}}},
			Facts:       []stage.Fact{{Name: evaluate.ClassesFact, Value: `["no","yes"]`}}}
	}
	records := []*results.RunRecord{
		run("a", "name: a\nseed: 1\ntrain: {batch: 8}\n"), run("b", "name: b\nseed: 1\ntrain: {batch: 9}\n"), run("a-2", "name: a2\nseed: 2\ntrain: {batch: 8}\n"),
		run("a-3", "name: a3\nseed: 3\ntrain: {batch: 8}\n"),
	}
	list, err := contend(records, shortNames(records))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, c := range list {
		got[c.Name] = len(c.Runs)
	}
	if want := map[string]int{"a (3 runs)": 3, "b": 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := list[0].Runs[1].Classes; !reflect.DeepEqual(got, []string{"no", "yes"}) {
		t.Errorf("got classes %v", got)
	}
	old := run("old", "")
	old.Facts = nil
	if got := contestant(old).Classes; !reflect.DeepEqual(got, []string{"class 0", "class 1"}) {
		t.Errorf("got classes %v", got)
	}
}

func TestPrimary(t *testing.T) {
	t.Parallel()
	record := &results.RunRecord{Experiment: "train:\n  monitor: validation.macro_f1\n"}
	for want, c := range map[string]comparing{"macro_f1": {}, "kappa": {Metric: "kappa"}} {
		if got := c.primary(record); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := (comparing{}).primary(&results.RunRecord{}); got != "loss" {
		t.Errorf("got %s, want loss", got)
	}
}
