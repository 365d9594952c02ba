package validate

import (
	"cmp"
	"context"
	"encoding/json"
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
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Recalibration is a run that is to be calibrated for other data.
type Recalibration struct {
	Info       results.RunInfo // of the new run, but for the clock and the names that are taken
	of         Validation
	experiment experiments.Ensemble
	splits     map[string]stage.Split // of each case, test or else validation
	data       string                 // the fingerprint of the data as they are divided
}

// How says how probabilities are corrected.
type How struct {
	By   *registry.One[evaluate.Calibrator]
	Sets float64 // coverage of prediction sets; 0 as the run makes them
}

// Recalibrate finds out what would be calibrated by what, before anything is stored. The test split of
// the file measures; all other cases are learnt from.
func Recalibrate(ctx context.Context, env stage.Env, run finished.Run, q Request, how How, program string) (r Recalibration, err error) {
	if r.of, err = Prepare(ctx, env, run, q, program); err != nil {
		return r, err
	}
	file := filepath.Base(q.File)
	r.experiment = experiments.Ensemble{Name: q.Name, Seed: r.of.experiment.Seed, Evaluate: r.of.experiment.Evaluate.WithRecalibration(),
		Purpose: fmt.Sprintf("Do the probabilities of %s (%s) hold for other data once they are corrected there?", run.Name(), run.ID())}
	if q.Name == "" {
		r.experiment.Name = run.Name() + "-for-" + strings.TrimSuffix(file, filepath.Ext(file))
	}
	r.experiment.Evaluate.Calibrate = how.By
	if err := r.experiment.Evaluate.MakeSets(how.Sets); err != nil {
		return r, err
	}
	if r.experiment.Ensemble, err = blending(run); err != nil {
		return r, err
	}
	r.experiment.Ensemble.Monitor = string(stage.Validation) + "." + r.of.decides
	if err := r.divide(ctx, env); err != nil {
		return r, err
	}
	err = r.identify()
	return r, err
}

// blending are the nets that are asked: of an ensemble as it asks them, of a run they alone. Those of
// a package are called by where it lies.
func blending(run finished.Run) (of experiments.Blending, err error) {
	path := ""
	if packed, is := run.(finished.Packed); is {
		if path, err = filepath.Abs(packed.In.Path()); err != nil {
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
func (r *Recalibration) divide(ctx context.Context, env stage.Env) error {
	p, err := r.of.first(ctx)
	if err != nil {
		return err
	}
	c := r.of.asking()
	c.Whole, c.Audit = false, false
	cases, err := c.Labelled(ctx, r.of.quiet(env), p)
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
		return stage.Fault{Err: fmt.Errorf("%s has %d cases for test and %d others: one part is learnt from, and the other says how good that is", r.of.Called, n[stage.Test], n[stage.Validation]),
			Hint: "write data.split.test, such as --set data.split.test=0.5"}
	}
	if err := r.learnable(p.Asked, cases.Cases); err != nil {
		return err
	}
	if problems := r.experiment.Evaluate.Fits(p.Asked, cases.Cases); len(problems) > 0 {
		return stage.Fault{Err: fmt.Errorf("evaluate.%s: %s", problems[0].Path, problems[0].Text), Hint: problems[0].Hint}
	}
	return nil
}

// learnable refuses to learn from cases of one class, which say of no probability whether it is
// right, and warns of classes that never occur.
func (r *Recalibration) learnable(asked stage.Questions, cases []stage.Case) error {
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
			return stage.Fault{Err: fmt.Errorf("all %d cases%s of %s that could be learnt from are of one class: none is %s", n, of, r.of.Called, strings.Join(lacking, " or ")),
				Hint: "probabilities are corrected by cases of all classes; runner validate measures such data"}
		case n > 0 && lacking != nil:
			r.of.warnings = append(r.of.warnings, fmt.Sprintf("of the %d cases%s that are learnt from none is %s: corrected probabilities take that to be as rare as this", n, of, strings.Join(lacking, " or ")))
		}
	}
	return nil
}

// identify gives the run its fingerprint: that of the validation, and of how it is calibrated.
func (r *Recalibration) identify() error {
	nameless := r.experiment
	nameless.Name, nameless.Purpose = "", ""
	facts := []stage.Fact{r.of.Info.Facts[0]}
	asked, err := json.Marshal(r.experiment.Ensemble.Runs)
	facts = append(facts, stage.Fact{Name: results.EnsembleFact, Value: string(asked)})
	if sum := r.of.experiment.Validation.Package; sum != "" {
		facts = append(facts, stage.Fact{Name: finished.PackageFact, Value: sum})
	}
	r.Info = r.of.Info
	r.Info.Name, r.Info.Purpose, r.Info.Experiment, r.Info.Facts = r.experiment.Name, r.experiment.Purpose, string(r.experiment.Resolved()), facts
	r.Info.Fingerprint = results.FingerprintOf([]string{"recalibration", r.Info.Fingerprint, string(nameless.Resolved()), fmt.Sprint(r.splits)})
	return err
}

// Measure asks the nets, learns and measures. What a reader must know comes up as events without a stage.
func (r Recalibration) Measure(ctx context.Context, env stage.Env) error {
	if err := warn(ctx, env, r.of.warnings...); err != nil {
		return err
	}
	asked := r.of.asking()
	asked.See = func(_ context.Context, _ stage.Env, p predict.Predictor, x explain.Subject, _ []stage.Prediction) error {
		return r.of.pictures.keep(x, p)
	}
	p, items, err := predict.Ask(ctx, env, r.of.run, asked)
	if err != nil {
		return err
	}
	return r.measure(ctx, env, p, items)
}

// measure records what the nets said, the calibration, and all numbers.
func (r Recalibration) measure(ctx context.Context, env stage.Env, p predict.Predictor, items []stage.Prediction) error {
	all := len(items)
	items = slices.DeleteFunc(items, func(item stage.Prediction) bool { return r.splits[item.CaseID] == "" })
	if left := all - len(items); left > 0 {
		if err := warn(ctx, env, fmt.Sprintf("%d of %d cases are left out: the file gives them no split", left, all)); err != nil {
			return err
		}
	}
	for i := range items {
		items[i].Phase, items[i].Split = ensemble.Phase, r.splits[items[i].CaseID]
	}
	env = stage.Env{Recorder: env.Recorder, Workers: max(1, env.Workers), Seed: r.experiment.Seed}
	if err := env.Recorder.Record(ctx, append(stage.PredictionRecords(items), stage.Fact{Name: audit.FingerprintFact, Value: r.data})...); err != nil { // they were read as one split
		return err
	}
	cases, err := r.of.trainedOn()
	if err != nil {
		return err
	}
	if err := evaluate.Run(ctx, env, r.experiment.Evaluate, p.Asked.Classes, cases, items); err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	return explain.Kept(ctx, env, p.Asked.Classes, items, r.of.pictures.of)
}
