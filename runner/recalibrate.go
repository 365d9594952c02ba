package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/ensemble"
	"vertebra/finished/predict"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// recalibrateCommand is runner recalibrate. The test split of the file measures; all other cases
// are learnt from.
type recalibrateCommand struct {
	otherData
	By   string  `help:"The calibrator: temperature, vector or threshold, with settings as evaluate.calibrate takes them, such as 'threshold: {best: sensitivity, least: 0.95}'." default:"vector" placeholder:"CALIBRATOR"`
	Sets float64 `help:"Make prediction sets of this coverage, such as 0.9; without it, as the run does." placeholder:"COVERAGE"`
}

// Run asks the nets about other data, learns from a part of them how their probabilities are to be
// corrected there, measures that on the rest, and stores it as an ensemble, which predicts.
func (c recalibrateCommand) Run(ctx context.Context, w world) error {
	r, err := c.prepare(ctx, w)
	if err != nil {
		return err
	}
	return c.store(ctx, w, r.info, func(_ *results.DB, run *results.Run) error { return r.carryOut(ctx, w, run) })
}

// recalibration is a run that is to be calibrated for other data.
type recalibration struct {
	validation
	e      experiments.Ensemble
	splits map[string]stage.Split // of each case, test or else validation
	data   string                 // the fingerprint of the data as they are divided
}

// prepare finds out what would be calibrated by what, before anything is stored.
func (c recalibrateCommand) prepare(ctx context.Context, w world) (r recalibration, err error) {
	file := filepath.Base(c.File)
	asked := validateCommand{otherData: c.otherData}
	if r.validation, err = asked.prepare(ctx, w); err != nil {
		return r, err
	}
	r.e = experiments.Ensemble{Name: c.Name, Seed: r.validation.e.Seed, Evaluate: r.validation.e.Evaluate.WithRecalibration(),
		Purpose: fmt.Sprintf("Do the probabilities of %s (%s) hold for other data once they are corrected there?", r.run.Name(), r.run.ID())}
	if r.e.Name == "" {
		r.e.Name = r.run.Name() + "-for-" + strings.TrimSuffix(file, filepath.Ext(file))
	}
	if err := c.choose(&r.e.Evaluate); err != nil {
		return r, err
	}
	if r.e.Ensemble, err = c.blending(r.run); err != nil {
		return r, err
	}
	r.e.Ensemble.Monitor = string(stage.Validation) + "." + r.decides
	if err := r.divide(ctx, w); err != nil {
		return r, err
	}
	return r, r.identify()
}

// choose sets the calibrator and the prediction sets.
func (c recalibrateCommand) choose(cfg *evaluate.Config) error {
	part, err := calibratorOf("--by", c.By)
	if err != nil {
		return err
	}
	cfg.Calibrate = part
	return cfg.MakeSets(c.Sets)
}

// blending are the nets that are asked: of an ensemble as it asks them, of a run they alone. Those of
// a package are called by where it lies.
func (c recalibrateCommand) blending(run finished.Run) (of experiments.Blending, err error) {
	path := ""
	if packages.Names(c.ID) {
		if path, err = filepath.Abs(c.ID); err != nil {
			return of, err
		}
	}
	if !finished.IsEnsemble(run) {
		return experiments.Blending{Runs: []string{cmp.Or(path, run.ID())}, By: "mean", Weights: []float64{1}, WeightsBy: "given", Raw: true}, nil
	}
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return of, err
	}
	for i, member := range e.Ensemble.Runs {
		if path != "" {
			e.Ensemble.Runs[i] = finished.InPackage(path, member)
		}
	}
	return e.Ensemble, nil
}

// divide finds the split of each case in the file.
func (r *recalibration) divide(ctx context.Context, w world) error {
	p, err := r.first(ctx)
	if err != nil {
		return err
	}
	c := r.asking()
	c.Whole, c.Audit = false, false
	cases, err := c.Labelled(ctx, r.quiet(w), p)
	if err != nil {
		return err
	}
	r.splits, r.data = map[string]stage.Split{}, cases.Fingerprint
	n := map[stage.Split]int{}
	for i, one := range cases.Cases {
		if one.Split == stage.Train { // nothing is trained: they teach the calibration
			one.Split = stage.Validation
			cases.Cases[i].Split = one.Split
		}
		r.splits[one.ID] = one.Split
		n[one.Split]++
	}
	if n[stage.Validation] == 0 || n[stage.Test] == 0 {
		return stage.Fault{Err: fmt.Errorf("%s has %d cases for test and %d others: one part is learnt from, and the other says how good that is", w.called(r.File), n[stage.Test], n[stage.Validation]),
			Hint: "write data.split.test, such as --set data.split.test=0.5"}
	}
	if err := r.learnable(w, p.Asked, cases.Cases); err != nil {
		return err
	}
	if problems := r.e.Evaluate.Fits(p.Asked, cases.Cases); len(problems) > 0 {
		return stage.Fault{Err: fmt.Errorf("evaluate.%s: %s", problems[0].Path, problems[0].Text), Hint: problems[0].Hint}
	}
	return nil
}

// learnable refuses to learn from cases of one class, which say of no probability whether it is
// right, and warns of classes that never occur.
func (r *recalibration) learnable(w world, asked stage.Questions, cases []stage.Case) error {
	for target := range asked.Count() {
		occurs, n := map[int]bool{}, 0
		for _, one := range cases {
			if one.Target == target && one.Split == stage.Validation {
				occurs[one.Label], n = true, n+1
			}
		}
		of := ""
		if len(asked.Targets) > 0 {
			of = " of " + asked.Targets[target]
		}
		var lacking []string
		for _, class := range asked.Of(target) {
			if !occurs[class] {
				lacking = append(lacking, asked.Classes[class])
			}
		}
		switch {
		case n > 0 && len(occurs) == 1:
			return stage.Fault{Err: fmt.Errorf("all %d cases%s of %s that could be learnt from are of one class: none is %s", n, of, w.called(r.File), strings.Join(lacking, " or ")),
				Hint: "probabilities are corrected by cases of all classes; runner validate measures such data"}
		case n > 0 && lacking != nil:
			r.warnings = append(r.warnings, fmt.Sprintf("of the %d cases%s that are learnt from none is %s: corrected probabilities take that to be as rare as this", n, of, strings.Join(lacking, " or ")))
		}
	}
	return nil
}

// identify gives the run its fingerprint: that of the validation, and of how it is calibrated.
func (r *recalibration) identify() error {
	nameless := r.e
	nameless.Name, nameless.Purpose = "", ""
	facts := []stage.Fact{r.info.Facts[0]}
	asked, err := json.Marshal(r.e.Ensemble.Runs)
	facts = append(facts, stage.Fact{Name: results.EnsembleFact, Value: string(asked)})
	if sum := r.validation.e.Validation.Package; sum != "" {
		facts = append(facts, stage.Fact{Name: finished.PackageFact, Value: sum})
	}
	r.info.Name, r.info.Purpose, r.info.Experiment, r.info.Facts = r.e.Name, r.e.Purpose, string(r.e.Resolved()), facts
	r.info.Fingerprint = hashOf([]string{"recalibration", r.info.Fingerprint, string(nameless.Resolved()), fmt.Sprint(r.splits)})
	return err
}

// carryOut asks, learns and measures.
func (r recalibration) carryOut(ctx context.Context, w world, run *results.Run) error {
	console := newConsole(w)
	defer console.close()
	console.say("run %s", run.ID())
	to := &listener{console: console, to: stage.Tee{run, console}}
	for _, text := range r.warnings {
		to.warn("%s", text)
	}
	see := func(_ context.Context, _ stage.Env, p predict.Predictor, x explain.Subject, _ []stage.Prediction) error {
		return r.pictures.keep(x, p)
	}
	asked := r.asking()
	asked.See = see
	p, items, err := predict.Ask(ctx, r.env(w, to), r.run, asked)
	if err == nil {
		err = r.measure(ctx, run, p, items, to)
	}
	return plain(errors.Join(err, run.Record(context.WithoutCancel(ctx), to.warnings...)))
}

// measure stores what the nets said, the calibration, and all numbers.
func (r recalibration) measure(ctx context.Context, run *results.Run, p predict.Predictor, items []stage.Prediction, to *listener) error {
	all := len(items)
	items = slices.DeleteFunc(items, func(item stage.Prediction) bool { return r.splits[item.CaseID] == "" })
	if left := all - len(items); left > 0 {
		to.warn("%d of %d cases are left out: the file gives them no split", left, all)
	}
	for i := range items {
		items[i].Phase, items[i].Split = ensemble.Phase, r.splits[items[i].CaseID]
	}
	env := stage.Env{Recorder: to.to, Workers: max(1, r.Workers), Seed: r.e.Seed}
	if err := run.Record(ctx, append(stage.PredictionRecords(items), stage.Fact{Name: audit.FingerprintFact, Value: r.data})...); err != nil { // they were read as one split
		return err
	}
	cases, err := r.trainedOn()
	if err != nil {
		return err
	}
	if err := evaluate.Run(ctx, env, r.e.Evaluate, p.Asked.Classes, cases, items); err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	return explain.Kept(ctx, env, p.Asked.Classes, items, r.pictures.of)
}
