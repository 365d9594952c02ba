// Package validate tests finished runs on data that these were not made for: it asks the nets of a run as
// package predict does, measures what they say beside the run's own numbers, tells what the nets may
// know of the data, and learns a calibration for other data.
package validate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// Request says which data a run is tested on.
type Request struct {
	File       string   // an experiment file, of which data and parts of evaluate count
	Called     string   // what messages call it
	Set        []string // changes of it: path=value
	Split      string   // the cases of this split alone; "" for all
	FindPoints bool     // points are looked for also where the data says where they are
	Name       string   // of the new run; "" for a name made of the run's and the file's
}

// Validation is a run that is to be tested on other data.
type Validation struct {
	Request
	Info       results.RunInfo // of the new run, but for the clock and the names that are taken
	run        finished.Run
	experiment experiments.Validation
	decides    string // the name of the number that decides
	warnings   []string
	seen       *held // by see
	pictures   *album
}

// Prepare finds out what would be tested on which data, before anything is stored. Data that the nets were
// trained on are an error. program is that which makes the run.
func Prepare(ctx context.Context, env stage.Env, run finished.Run, r Request, program string) (v Validation, err error) {
	v = Validation{Request: r, run: run, seen: &held{}, pictures: &album{}}
	o, err := v.first(ctx)
	if err != nil {
		return v, err
	}
	cases, err := v.readAs(ctx, env, o)
	if err != nil {
		return v, err
	}
	if err := v.leaks(ctx, env, o, cases); err != nil {
		return v, err
	}
	err = v.identify(ctx, env, cases, program)
	return v, err
}

// asking is how the nets are asked: as runner predict does, without the calibration, which is
// measured by itself.
func (r Request) asking() predict.Request {
	return predict.Request{Data: []string{r.File}, Set: r.Set, Split: r.Split, FindPoints: r.FindPoints, Raw: true, Whole: true, Audit: true}
}

// first is the run, or the member of an ensemble that is asked first.
func (v Validation) first(ctx context.Context) (finished.Opened, error) {
	of, err := finished.OpenAsked(ctx, v.run)
	if err != nil {
		return finished.Opened{}, err
	}
	return of[0], nil
}

// readAs reads the data as the nets want them, and notes what the validation is.
func (v *Validation) readAs(ctx context.Context, env stage.Env, p finished.Opened) (cases audit.Cases, err error) {
	c := v.asking()
	if err := c.Fits(p); err != nil {
		return cases, err
	}
	data, err := c.OtherData(p)
	if err != nil {
		return cases, err
	}
	e, err := experiments.LoadData(v.File, v.Set)
	if err != nil {
		return cases, err
	}
	measures, err := experiments.Measured(v.run.Experiment())
	if err != nil {
		return cases, err
	}
	if len(e.Evaluate.Subgroups) > 0 {
		measures.Subgroups = e.Evaluate.Subgroups
	}
	measures.Readers, measures.ReaderMargin = e.Evaluate.Readers, e.Evaluate.ReaderMargin // people who read these cases
	series, number := results.Monitored(v.run.Experiment())
	v.decides = number
	v.experiment = experiments.Validation{Name: cmp.Or(v.Name, v.nameFor(v.run)), Seed: p.Experiment.Seed, Data: data, Evaluate: measures.Watching(number),
		Purpose:    fmt.Sprintf("How good is %s (%s) on other data?", v.run.Name(), v.run.ID()),
		Validation: experiments.Validated{Run: v.run.ID(), Split: v.Split, Monitor: series + "." + number, FindPoints: v.FindPoints}}
	if v.Split == "" {
		v.experiment.Data.Split = audit.Default.Split
	}
	if packed, is := v.run.(finished.Packed); is {
		if v.experiment.Validation.Package, err = stage.SumOf(packed.In.Path()); err != nil {
			return cases, err
		}
	}
	c.Audit, c.Marked = false, true
	if cases, err = c.Labelled(ctx, v.quiet(env), p); err != nil {
		return cases, err
	}
	return cases, v.readersFit(p, cases.Cases)
}

// readersFit wants the readers that the file names to have said classes of the cases.
func (v *Validation) readersFit(p finished.Opened, cases []stage.Case) error {
	asked := slices.Clone(cases)
	for i := range asked {
		asked[i].Split = stage.Test // all are asked about
	}
	problems := v.experiment.Evaluate.ReadersFit(p.Asked, asked)
	for i := range problems {
		problems[i].Path = "evaluate." + problems[i].Path
	}
	return experiments.Place(problems.Err(), v.File, v.Set)
}

// quiet is the world of a look at the data that nothing is told of.
func (v *Validation) quiet(env stage.Env) stage.Env {
	return stage.Env{Now: env.Now, Recorder: stage.Discard, Cache: env.Cache, Workers: max(1, env.Workers), Seed: v.experiment.Seed}
}

// identify gives the validation its fingerprint: that of nets, data, measures, program, libtorch
// and device, whatever it is called.
func (v *Validation) identify(ctx context.Context, env stage.Env, cases audit.Cases, program string) error {
	machine, err := model.FindMachine(ctx, env.Device)
	if err != nil {
		return stage.Fault{Err: fmt.Errorf("--device: %w", err), Hint: "runner doctor shows what there is; --device auto takes a GPU where there is one"}
	}
	kind, err := kin(ctx, v.run)
	if err != nil {
		return err
	}
	nameless := v.experiment
	nameless.Name, nameless.Purpose = "", ""
	nets := v.experiment.Validation.Package
	if stored, is := v.run.(finished.Stored); is {
		nets = stored.Record.Fingerprint + " " + stored.Record.Started.String()
	}
	v.Info = results.RunInfo{Name: v.experiment.Name, Purpose: v.experiment.Purpose, File: v.Called, Experiment: string(v.experiment.Resolved()), Seed: v.experiment.Seed,
		Fingerprint: results.FingerprintOf([]string{"validation", string(nameless.Resolved()), nets, cases.Fingerprint, program, machine.LibTorch, machine.Device}),
		Facts:       []stage.Fact{{Name: "program", Value: program}, {Name: results.ValidationFact, Value: v.run.ID()}, {Name: KinFact, Value: kind}}}
	return nil
}
