package main

import (
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// TestEnsembleRefuses what the command line may say wrong.
func TestEnsembleRefuses(t *testing.T) {
	t.Parallel()
	records := []*results.RunRecord{{}, {}}
	joined := evaluate.Joined{Classes: []string{"no", "yes"}, Items: make([][]stage.Prediction, 2)}
	for want, c := range map[string]ensembleCommand{
		"1 weights for 2 members":          {Weights: "1"},
		`"x" is no number`:                 {Weights: "1,x"},
		"the weights add up to nothing":    {Weights: "0,0"},
		"weight -1, want 0 or more":        {Weights: "2, -1"},
		"no predictions of the validation": {Weights: "greedy"},
		"--rounds 0 adds nothing":          {Weights: "equal", Rounds: -1},
		`no metric "acuracy"`:              {Weights: "equal", Metrics: []string{"acuracy"}},
		`no calibrator "cold"`:             {Weights: "equal", Calibrate: "cold"},
	} {
		c.Rounds, c.Workers = c.Rounds+1, 1
		b := blended{records: records, names: []string{"a", "b"}, members: make([]ensembleMember, 2), joined: joined}
		records[0].Experiment = string(experiments.Ensemble{Name: "a", Ensemble: experiments.Blending{By: "mean", WeightsBy: "equal"}, Evaluate: evaluate.Default}.Resolved())
		records[1].Experiment = records[0].Experiment
		err := c.check()
		if err == nil {
			_, err = c.measures(&b)
		}
		if err == nil {
			err = c.weigh(t.Context(), stage.Env{}, &b, "loss")
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestEnsembleName(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{"a-ensemble": {"a", "a", "a"}, "a-and-b": {"a", "b", "a"}, "ensemble-of-4": {"a", "b", "c", "a"}} {
		var records []*results.RunRecord
		for _, name := range names {
			records = append(records, &results.RunRecord{RunSummary: results.RunSummary{Name: name}})
		}
		if got := ensembleName(records); got != want {
			t.Errorf("%q: got %s, want %s", names, got, want)
		}
	}
}
