package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vertebra/finished/compare"
	"vertebra/finished/ensemble"
	"vertebra/results"
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
	records, err := compare.Find(ctx, db, c.Members, "blend")
	if err != nil {
		return err
	}
	if records, err = c.withoutEnsembles(w, records); err != nil {
		return err
	}
	options, err := c.options()
	if err != nil {
		return err
	}
	_, err = c.blend(ctx, w, db, records, options)
	return err
}

// blend stores the blend of runs, and gives the id of its run; "" where it was there already.
func (c ensembleCommand) blend(ctx context.Context, w world, db *results.DB, records []*results.RunRecord, options ensemble.Options) (id string, err error) {
	console := newConsole(w)
	defer console.close()
	env := stage.Env{Now: w.now, Recorder: console, Workers: max(1, c.Workers)}
	b, err := ensemble.Blend(ctx, env, records, compare.ShortNames(records), options)
	if err != nil {
		return "", err
	}
	info, err := c.info(w, b)
	if err != nil {
		return "", err
	}
	if done, err := c.made(ctx, w, db, info.Fingerprint, c.Again, "the same runs, weights, measures and program; --again makes it anyway"); done || err != nil {
		return "", err
	}
	r, err := db.Begin(ctx, info)
	if err != nil {
		return "", err
	}
	env.Recorder, env.Seed = stage.Tee{r, console}, b.Experiment.Seed
	pictures := func(ctx context.Context, cases []string) (map[string][]byte, error) {
		return db.Thumbnails(ctx, b.Experiment.Ensemble.Runs, cases)
	}
	found, failure := b.Measure(ctx, env, pictures)
	if failure == nil {
		failure = printStanding(w, found)
	}
	stored := c.finish(context.WithoutCancel(ctx), w, db, r, failure)
	return r.ID(), errors.Join(failure, stored)
}

// options are those that the command line gives.
func (c ensembleCommand) options() (o ensemble.Options, err error) {
	o = ensemble.Options{Name: c.Name, By: c.By, Weights: c.Weights, For: c.For, Rounds: c.Rounds, Metrics: c.Metrics, Sets: c.Sets, Raw: c.Raw, Workers: c.Workers}
	if c.Calibrate != "" {
		o.Calibrate, err = calibratorOf("--calibrate", c.Calibrate)
	}
	return o, err
}

// info is what results keep of the ensemble when it begins.
func (c ensembleCommand) info(w world, b ensemble.Blended) (results.RunInfo, error) {
	program, err := programVersion()
	if err != nil {
		return results.RunInfo{}, err
	}
	info, err := b.Info(program)
	info.Now, info.Taken = w.now, runCommand{places: c.places}.taken
	return info, err
}

// withoutEnsembles drops the ensembles that conditions find among others.
func (c ensembleCommand) withoutEnsembles(w world, records []*results.RunRecord) (out []*results.RunRecord, err error) {
	asked := slices.ContainsFunc(c.Members, compare.IsCondition)
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
