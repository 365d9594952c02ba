package graph

import (
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestAlike: one graph takes images in once, so members agree on how they are made, on views and
// covariates, and on what they answer.
func TestAlike(t *testing.T) {
	t.Parallel()
	of := func(change func(*finished.Opened)) finished.Opened {
		o := finished.Opened{Run: finished.Stored{Record: &results.RunRecord{RunSummary: results.RunSummary{ID: "a"}}}, Experiment: experiments.Default(),
			Asked: stage.Questions{Classes: []string{"no", "yes"}}}
		o.Experiment.Preprocess = preprocess.Config{{Name: "decode", Part: preprocess.Decode{}}, {Name: "resize", Part: preprocess.Resize{}}}
		change(&o)
		return o
	}
	first := of(func(*finished.Opened) {})
	for name, c := range map[string]struct {
		other finished.Opened
		alike bool
	}{
		"the same":         {of(func(*finished.Opened) {}), true},
		"another net":      {of(func(o *finished.Opened) { o.Experiment.Seed, o.Experiment.Train.Batch = 7, registry.Count(3) }), true},
		"other steps":      {of(func(o *finished.Opened) { o.Experiment.Preprocess = o.Experiment.Preprocess[:1] }), false},
		"other views":      {of(func(o *finished.Opened) { o.Experiment.Data.Views = []string{"axial"} }), false},
		"other covariates": {of(func(o *finished.Opened) { o.Covariates = stage.Covariates{{Name: "age"}} }), false},
		"other classes":    {of(func(o *finished.Opened) { o.Asked.Classes = []string{"yes", "no"} }), false},
	} {
		err := alike(first, c.other, first)
		if c.alike != (err == nil) || err != nil && !strings.Contains(err.Error(), "hint: export the members one by one") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
