package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// ensembleCommand is runner ensemble.
type ensembleCommand struct {
	Members   []string `arg:"" name:"runs" help:"Finished runs of one split: names (the latest so called), ids, beginnings of ids, latest, latest-1 (the one before) and so on, or conditions as runner runs takes them, such as status=done model=resnet50."`
	By        string   `help:"What is blended: the probabilities (mean), or their logarithms (geometric)." enum:"mean,geometric" default:"mean"`
	Weights   string   `help:"equal; numbers such as 0.5,0.3,0.2, in the order of the runs; or greedy: found on the validation split, by adding again and again the run that makes the blend best (Caruana et al. 2004), whose own numbers are then of weights found on other studies or patients." default:"equal"`
	For       string   `help:"The number that decides, such as macro_f1: what greedy weights make best; without it, what the first run monitored." placeholder:"NUMBER"`
	Rounds    int      `help:"How often a run is added to find greedy weights." default:"100"`
	Metrics   []string `help:"Measure these metrics, such as accuracy,f1; without it, those of the first run's experiment."`
	Calibrate string   `help:"Calibrate the blend's probabilities on the validation split: temperature, vector or threshold, with settings as evaluate.calibrate takes them. A blend is often less sure than it could be." placeholder:"CALIBRATOR"`
	Sets      float64  `help:"Make prediction sets of this coverage, such as 0.9; without it, as the first run's experiment says." placeholder:"COVERAGE"`
	Raw       bool     `help:"Blend what the nets give, also of runs that are calibrated."`
	Name      string   `help:"What the ensemble is called; without it, after its members."`
	Again     bool     `help:"Make it also when there is an ensemble of the same runs and weights."`
	Workers   int      `help:"Resamples measured at once." default:"${workers}"`
	places
}

// Run joins what the runs predicted, finds weights, and stores the blend as a run.
func (c ensembleCommand) Run(ctx context.Context, w world) (err error) {
	db, err := results.OpenExisting(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.WaitLong(ctx, lockPatience, w.tell)
	records, err := findRuns(ctx, db, c.Members, "blend")
	if err != nil {
		return err
	}
	if records, err = c.withoutEnsembles(w, records); err != nil {
		return err
	}
	console := newConsole(w)
	defer console.close()
	env := stage.Env{Now: w.now, Recorder: console, Workers: max(1, c.Workers)}
	b, err := c.blend(ctx, env, records)
	if err != nil {
		return err
	}
	info, err := c.info(w, b)
	if err != nil {
		return err
	}
	if done, err := c.made(ctx, w, db, info.Fingerprint, c.Again, "the same runs, weights, measures and program; --again makes it anyway"); done || err != nil {
		return err
	}
	r, err := db.Begin(ctx, info)
	if err != nil {
		return err
	}
	env.Recorder, env.Seed = stage.Tee{r, console}, b.e.Seed
	pictures := func(ctx context.Context, cases []string) (map[string][]byte, error) {
		return db.Thumbnails(ctx, b.e.Ensemble.Runs, cases)
	}
	found, failure := b.measure(ctx, env, pictures)
	if failure == nil {
		failure = found.print(w)
	}
	stored := c.finish(context.WithoutCancel(ctx), w, db, r, failure)
	return errors.Join(failure, stored)
}

// withoutEnsembles drops the ensembles that conditions find among others.
func (c ensembleCommand) withoutEnsembles(w world, records []*results.RunRecord) (out []*results.RunRecord, err error) {
	asked := slices.ContainsFunc(c.Members, func(key string) bool { return strings.ContainsAny(key, operators) })
	for _, r := range records {
		if asked && r.Fact(results.EnsembleFact) != "" {
			fmt.Fprintf(w.err, "run %s is an ensemble itself, and left out\n", r.ID)
			continue
		}
		out = append(out, r)
	}
	if len(out) < 2 {
		return nil, stage.Fault{Err: fmt.Errorf("there is nothing to blend: the conditions meet %d runs that are no ensembles", len(out)), Hint: "name two runs or more, or conditions that two or more meet"}
	}
	return out, nil
}

// blended is an ensemble before it is measured.
type blended struct {
	e         experiments.Ensemble
	records   []*results.RunRecord
	names     []string // short ones of the runs
	members   []ensembleMember
	joined    evaluate.Joined
	mixed     bool // members answer the same cases as other targets: see asksDiffer
	how       evaluate.Blend
	selection *evaluate.Selection       // of greedy weights
	apart     map[string]evaluate.Blend // of a group's validation cases: found on other groups; nil where there are no such weights
	warnings  []string
}

// blend joins the runs, and finds the weights.
func (c ensembleCommand) blend(ctx context.Context, env stage.Env, records []*results.RunRecord) (b blended, err error) {
	b = blended{records: records, names: shortNames(records)}
	if err := c.check(); err != nil {
		return b, err
	}
	b.e = experiments.Ensemble{Name: cmp.Or(c.Name, ensembleName(records)), Seed: records[0].Seed,
		Purpose:  fmt.Sprintf("Are %s better together?", strings.Join(b.names, " and ")),
		Ensemble: experiments.Blending{By: c.By, WeightsBy: "given", Raw: c.Raw}}
	if err := b.joinRuns(c.Raw); err != nil {
		return b, err
	}
	if len(b.members) == 1 {
		b.e.Purpose = "The folds of a cross-validation, which were trained one by one."
	}
	number := c.For
	if number == "" {
		number = b.monitored()
	}
	b.e.Ensemble.Monitor = string(stage.Validation) + "." + number
	if b.e.Evaluate, err = c.measures(&b); err != nil {
		return b, err
	}
	b.e.Evaluate = b.e.Evaluate.Watching(number)
	if !slices.ContainsFunc(evaluate.Names(b.e.Evaluate), func(s stage.Scalar) bool { return s.Name == number }) {
		b.e.Evaluate.Metrics = append(b.e.Evaluate.Metrics, b.e.Evaluate.Giving([]string{number})...)
	}
	if err := b.fits(number); err != nil {
		return b, err
	}
	if err := c.weigh(ctx, env, &b, number); err != nil {
		return b, err
	}
	b.e.Ensemble.Runs, b.e.Ensemble.Weights = b.shares()
	return b, nil
}

func (c ensembleCommand) check() error {
	switch {
	case c.Rounds < 1:
		return stage.Fault{Err: fmt.Errorf("--rounds %d adds nothing", c.Rounds), Hint: "give some dozens"}
	case c.Workers < 1:
		return stage.Fault{Err: fmt.Errorf("--workers %d measure nothing", c.Workers), Hint: "give 1 or more"}
	}
	return nil
}

// monitored is what the first run monitored; others that watched something else are told.
func (b *blended) monitored() string {
	_, first := results.Monitored(b.records[0].Experiment)
	for i, r := range b.records[1:] {
		if _, own := results.Monitored(r.Experiment); own != first {
			b.warnings = append(b.warnings, fmt.Sprintf("%s monitored %s, %s %s: the former decides; --for chooses", b.names[0], first, b.names[i+1], own))
		}
	}
	return first
}

// ensembleName is that of the members' experiment, if they share one.
func ensembleName(records []*results.RunRecord) string {
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
