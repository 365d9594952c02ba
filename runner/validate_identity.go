package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// validation is a run that is to be tested on other data.
type validation struct {
	validateCommand
	run      finished.Run
	e        experiments.Validation
	info     results.RunInfo
	decides  string // the name of the number that decides
	warnings []string
	seen     *held // by see
	pictures *album
}

// prepare finds out what would be tested on which data, before anything is stored.
func (c validateCommand) prepare(ctx context.Context, w world) (v validation, err error) {
	v = validation{validateCommand: c, seen: &held{}, pictures: &album{}}
	if v.run, err = (finished.Store{DB: c.DB, Runs: c.Runs}).Find(ctx, c.ID); err != nil {
		return v, err
	}
	p, err := v.first(ctx)
	if err != nil {
		return v, err
	}
	cases, err := v.readAs(ctx, w, p)
	if err != nil {
		return v, err
	}
	if err := v.leaks(ctx, w, p, cases); err != nil {
		return v, err
	}
	return v, v.identify(ctx, w, cases)
}

// first is the run, or the member of an ensemble that is asked first.
func (v validation) first(ctx context.Context) (finished.Opened, error) {
	of, err := finished.Asked(ctx, v.run)
	if err != nil {
		return finished.Opened{}, err
	}
	return of[0], nil
}

// readAs reads the data as the nets want them, and notes what the validation is.
func (v *validation) readAs(ctx context.Context, w world, p finished.Opened) (cases audit.Cases, err error) {
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
	measures.Readers = e.Evaluate.Readers // people who read these cases
	series, number := results.Monitored(v.run.Experiment())
	v.decides = number
	v.e = experiments.Validation{Name: cmp.Or(v.Name, v.called(v.run)), Seed: p.Experiment.Seed, Data: data, Evaluate: measures.Watching(number),
		Purpose:    fmt.Sprintf("How good is %s (%s) on other data?", v.run.Name(), v.run.ID()),
		Validation: experiments.Validated{Run: v.run.ID(), Split: v.Split, Monitor: series + "." + number, FindPoints: v.FindPoints}}
	if v.Split == "" {
		v.e.Data.Split = audit.Default.Split
	}
	if packages.Names(v.ID) {
		if v.e.Validation.Package, err = stage.SumOf(v.ID); err != nil {
			return cases, err
		}
	}
	c.Audit, c.Marked = false, true
	if cases, err = c.Labelled(ctx, v.quiet(w), p); err != nil {
		return cases, err
	}
	return cases, v.readersFit(p, cases.Cases)
}

// readersFit wants the readers that the file names to have said classes of the cases.
func (v *validation) readersFit(p finished.Opened, cases []stage.Case) error {
	asked := slices.Clone(cases)
	for i := range asked {
		asked[i].Split = stage.Test // all are asked about
	}
	problems := v.e.Evaluate.ReadersFit(p.Asked, asked)
	for i := range problems {
		problems[i].Path = "evaluate." + problems[i].Path
	}
	return experiments.Place(problems.Err(), v.File, v.Set)
}

// quiet is the world of a look at the data that nothing is told of.
func (v *validation) quiet(w world) stage.Env {
	return stage.Env{Now: w.now, Recorder: stage.Discard, Cache: v.Cache, Workers: max(1, v.Workers), Seed: v.e.Seed}
}

// identify gives the validation its fingerprint: that of nets, data, measures, program, libtorch
// and device, whatever it is called.
func (v *validation) identify(ctx context.Context, w world, cases audit.Cases) error {
	program, err := programVersion()
	if err != nil {
		return err
	}
	machine, err := model.FindMachine(ctx, v.Device)
	if err != nil {
		return stage.Fault{Err: fmt.Errorf("--device: %w", err), Hint: "runner doctor shows what there is; --device auto takes a GPU where there is one"}
	}
	kind, err := kin(ctx, v.run)
	if err != nil {
		return err
	}
	nameless := v.e
	nameless.Name, nameless.Purpose = "", ""
	nets := v.e.Validation.Package
	if stored, is := v.run.(finished.Stored); is {
		nets = stored.Record.Fingerprint + " " + stored.Record.Started.String()
	}
	v.info = results.RunInfo{Name: v.e.Name, Purpose: v.e.Purpose, File: w.called(v.File), Experiment: string(v.e.Resolved()), Seed: v.e.Seed, Now: w.now,
		Fingerprint: hashOf([]string{"validation", string(nameless.Resolved()), nets, cases.Fingerprint, program, machine.LibTorch, machine.Device}),
		Taken:       runCommand{places: v.places}.taken,
		Facts:       []stage.Fact{{Name: "program", Value: program}, {Name: results.ValidationFact, Value: v.run.ID()}, {Name: kinFact, Value: kind}}}
	return nil
}
