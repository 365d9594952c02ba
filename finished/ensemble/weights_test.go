package ensemble

import (
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// TestRefuses what the command line may say wrong.
func TestRefuses(t *testing.T) {
	t.Parallel()
	records := []*results.RunRecord{{}, {}}
	joined := evaluate.Joined{Classes: []string{"no", "yes"}, Items: make([][]stage.Prediction, 2)}
	for want, o := range map[string]Options{
		"1 weights for 2 members":          {Weights: "1"},
		`"x" is no number`:                 {Weights: "1,x"},
		"the weights add up to nothing":    {Weights: "0,0"},
		"weight -1, want 0 or more":        {Weights: "2, -1"},
		"no predictions of the validation": {Weights: "greedy"},
		"--rounds 0 adds nothing":          {Weights: "equal", Rounds: -1},
		`no metric "acuracy"`:              {Weights: "equal", Metrics: []string{"acuracy"}},
		"--workers 0 measure nothing":      {Weights: "equal", Workers: -1},
	} {
		o.Rounds, o.Workers = o.Rounds+1, o.Workers+1
		b := Blended{records: records, names: []string{"a", "b"}, members: make([]member, 2), joined: joined}
		records[0].Experiment = string(experiments.Ensemble{Name: "a", Ensemble: experiments.Blending{By: "mean", WeightsBy: "equal"}, Evaluate: evaluate.Default}.Resolved())
		records[1].Experiment = records[0].Experiment
		err := o.check()
		if err == nil {
			_, err = o.measures(&b)
		}
		if err == nil {
			err = o.weigh(t.Context(), stage.Env{}, &b, "loss")
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestNameOf(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{"a-ensemble": {"a", "a", "a"}, "a-and-b": {"a", "b", "a"}, "ensemble-of-4": {"a", "b", "c", "a"}} {
		var records []*results.RunRecord
		for _, name := range names {
			records = append(records, &results.RunRecord{RunSummary: results.RunSummary{Name: name}})
		}
		if got := nameOf(records); got != want {
			t.Errorf("%q: got %s, want %s", names, got, want)
		}
	}
}
