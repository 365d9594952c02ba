package compare

import (
	"reflect"
	"strings"
	"testing"

	"vertebra/finished"
	"vertebra/finished/validate"
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
	list, err := contend(records, ShortNames(records))
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
	if got := finished.Contestant(old).Classes; !reflect.DeepEqual(got, []string{"class 0", "class 1"}) {
		t.Errorf("got classes %v", got)
	}
}

// TestContendValidations: validations of nets of one experiment on the same data are one contender.
func TestContendValidations(t *testing.T) {
	t.Parallel()
	of := func(run, kin, split string) *results.RunRecord {
		r := &results.RunRecord{RunSummary: results.RunSummary{ID: run + "-on-b"}, Experiment: "name: " + run + "\nvalidation: {run: " + run + ", split: '" + split + "'}\n"}
		if kin != "" {
			r.Facts = []stage.Fact{{Name: validate.KinFact, Value: kin}}
		}
		return r
	}
	records := []*results.RunRecord{of("a", "x", ""), of("b", "y", ""), of("a-2", "x", ""), of("a-3", "x", "test"), of("old", "", ""), of("older", "", "")}
	list, err := contend(records, ShortNames(records))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		got = append(got, c.Name)
	}
	if want := []string{"a-on-b (2 runs)", "b-on-b", "a-3-on-b", "old-on-b", "older-on-b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPrimary(t *testing.T) {
	t.Parallel()
	record := &results.RunRecord{Experiment: "train:\n  monitor: validation.macro_f1\n"}
	for want, c := range map[string]Options{"macro_f1": {}, "kappa": {Metric: "kappa"}} {
		if got := c.primary(record); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := (Options{}).primary(&results.RunRecord{}); got != "loss" {
		t.Errorf("got %s, want loss", got)
	}
}

func TestApart(t *testing.T) {
	t.Parallel()
	got := apart([]string{"short", "model=resnet50 status=done", "note~best so far", "f1>0.7"})
	if want := []string{"short", "model=resnet50", "status=done", "note~best so far", "f1>0.7"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNoiseRemark: within twice the spread of a difference is said so, and is
// serious where the verdict says otherwise.
func TestNoiseRemark(t *testing.T) {
	t.Parallel()
	n := results.Noise{Name: "base", Deviation: 0.01, Low: 0.7, High: 0.73, Runs: []string{"a", "b", "c"}}
	pair := func(difference float64, verdict string) evaluate.Pair {
		p := evaluate.Pair{A: "a", B: "b"}
		p.Primary.Value, p.Primary.Verdict, p.Primary.Scalar.Title = difference, verdict, "F1"
		return p
	}
	for _, c := range []struct {
		pair    evaluate.Pair
		want    string
		serious bool
	}{
		{pair(0.02, "better"), "which is within twice of that", true},
		{pair(-0.02, "indistinguishable"), "which is within twice of that", false},
		{pair(-0.07, "worse"), "by 4.9 times as much", false},
	} {
		got := noiseRemark(n, c.pair)
		if !strings.Contains(got.Text, c.want) || !strings.HasPrefix(got.Text, "between 3 seeds of base, F1 lies from 0.7 to 0.73") || got.Serious != c.serious {
			t.Errorf("got %+v, want %q", got, c.want)
		}
	}
	n.Deviation = 0
	if got := noiseRemark(n, pair(0.1, "better")); got.Serious || strings.Contains(got.Text, "Inf") {
		t.Errorf("no spread: %+v", got)
	}
}
