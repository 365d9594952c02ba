// Package ensemble blends what finished runs have predicted into one: it joins their predictions by
// case, finds weights, measures the blend beside its members, and says what it is worth. Nothing is
// computed by nets; package predict asks those of an ensemble.
package ensemble

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Options say which ensemble is made of runs.
type Options struct {
	Name      string                             // what it is called; "" for a name made of those of the runs
	By        string                             // what is blended: the probabilities (mean), or their logarithms (geometric)
	Weights   string                             // equal, greedy, or numbers in the order of the runs: 0.5,0.3,0.2
	For       string                             // the number that decides, such as macro_f1; "" for what the first run monitored
	Rounds    int                                // how often a run is added to find greedy weights
	Metrics   []string                           // what is measured; nil for what the first run measured
	Calibrate *registry.One[evaluate.Calibrator] // of the blend's probabilities; nil for none
	Sets      float64                            // coverage of prediction sets; 0 as the first run's experiment says
	Raw       bool                               // members are blended as their nets gave it, also where they are calibrated
	Workers   int                                // resamples measured at once
	Nested    string                             // the sweep of which each run is the trial that its fold chose: all are one member, whatever their settings
}

// Blended is an ensemble before it is measured.
type Blended struct {
	Experiment experiments.Ensemble
	records    []*results.RunRecord
	names      []string // short ones of the runs
	members    []member
	joined     evaluate.Joined
	mixed      bool // members answer the same cases as other targets: see asksDiffer
	how        evaluate.Blend
	selection  *evaluate.Selection       // of greedy weights
	apart      map[string]evaluate.Blend // of a group's validation cases: found on other groups; nil where there are no such weights
	warnings   []string
}

// Blend joins what finished runs predicted, and finds the weights; names are short ones of the runs.
// Runs that cannot be blended, and measures that their predictions cannot have, are errors. Of env it
// takes the Recorder, for progress, and Workers.
func Blend(ctx context.Context, env stage.Env, records []*results.RunRecord, names []string, o Options) (b Blended, err error) {
	b = Blended{records: records, names: names}
	if err := o.check(); err != nil {
		return b, err
	}
	b.Experiment = experiments.Ensemble{Name: cmp.Or(o.Name, nameOf(records)), Seed: records[0].Seed,
		Purpose:  fmt.Sprintf("Are %s better together?", strings.Join(b.names, " and ")),
		Ensemble: experiments.Blending{By: o.By, WeightsBy: "given", Raw: o.Raw, Nested: o.Nested}}
	if err := b.joinRuns(o.Raw); err != nil {
		return b, err
	}
	if o.Nested != "" {
		b.Experiment.Purpose = fmt.Sprintf("What is searching as sweep %s does, and then training, worth?", o.Nested)
	} else if len(b.members) == 1 {
		b.Experiment.Purpose = "The folds of a cross-validation, which were trained one by one."
	}
	number := o.For
	if number == "" {
		number = b.monitored()
	}
	b.Experiment.Ensemble.Monitor = string(stage.Validation) + "." + number
	if b.Experiment.Evaluate, err = o.measures(&b); err != nil {
		return b, err
	}
	b.Experiment.Evaluate = b.Experiment.Evaluate.Watching(number)
	if !slices.ContainsFunc(evaluate.Names(b.Experiment.Evaluate), func(s stage.Scalar) bool { return s.Name == number }) {
		b.Experiment.Evaluate.Metrics = append(b.Experiment.Evaluate.Metrics, b.Experiment.Evaluate.Giving([]string{number})...)
	}
	if err := b.fits(number); err != nil {
		return b, err
	}
	if err := o.weigh(ctx, env, &b, number); err != nil {
		return b, err
	}
	b.Experiment.Ensemble.Runs, b.Experiment.Ensemble.Weights = b.shares()
	return b, nil
}

func (o Options) check() error {
	switch {
	case o.Rounds < 1:
		return stage.Fault{Err: fmt.Errorf("--rounds %d adds nothing", o.Rounds), Hint: "give some dozens"}
	case o.Workers < 1:
		return stage.Fault{Err: fmt.Errorf("--workers %d measure nothing", o.Workers), Hint: "give 1 or more"}
	}
	return nil
}

// monitored is what the first run monitored; others that watched something else are told.
func (b *Blended) monitored() string {
	_, first := results.Monitored(b.records[0].Experiment)
	for i, r := range b.records[1:] {
		if _, own := results.Monitored(r.Experiment); own != first {
			b.warnings = append(b.warnings, fmt.Sprintf("%s monitored %s, %s %s: the former decides; --for chooses", b.names[0], first, b.names[i+1], own))
		}
	}
	return first
}

// nameOf is that of the members' experiment, if they share one.
func nameOf(records []*results.RunRecord) string {
	var names []string
	for _, r := range records {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	switch len(names) {
	case 1:
		return names[0] + "-ensemble"
	case 2:
		return strings.Join(names, "-and-")
	}
	return fmt.Sprintf("ensemble-of-%d", len(records))
}
