package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"vertebra/experiments"
	"vertebra/stages/memory"
	"vertebra/stages/stage"
)

// checkCommand is runner check.
type checkCommand struct {
	File    string   `arg:"" help:"Experiment file." type:"existingfile"`
	Set     []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	JSON    bool     `help:"Write the plan, or the mistakes, as JSON."`
	Layers  bool     `help:"List the layers of the net, which phases may name: parameters, arithmetic, and what trains them. JSON has them anyway."`
	Cache   string   `help:"Folder of preprocessed images and of what is known of files." default:".cache" type:"path"`
	DB      string   `help:"Database of results: how fast earlier runs trained says how long this one would take." default:"results.db" type:"path"`
	Workers int      `help:"Headers read at once." default:"${workers}"`
	pretrainedFlags
}

// Run shows the plan. Data that is not there is an error like any other.
func (c checkCommand) Run(ctx context.Context, w world) error {
	debug.SetGCPercent(400) // the plan of a large data set lives for a second
	defer memory.Sparing()()
	e, warnings, err := experiments.Load(c.File, c.Set)
	if c.JSON && err != nil {
		return w.failJSON(err)
	}
	if !c.JSON {
		w.warn(warnings)
	}
	if err != nil {
		return err
	}
	p, err := c.plan(ctx, w, e)
	if c.JSON && err != nil {
		return w.failJSON(err)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		p.Valid, p.Warnings = true, w.listed(warnings)
		return w.json(p)
	}
	for _, text := range p.Plan.Warnings {
		fmt.Fprintln(w.err, "warning:", text)
	}
	if c.Layers {
		return printLayers(w.out, p.Plan)
	}
	return errors.Join(printPlan(w.out, p.Plan), printTime(w.out, p.Time), printSweep(w.out, p.Sweep), c.printNext(w.out, w, e))
}

// checked is what check --json writes of an experiment without mistakes.
type checked struct {
	Valid    bool             `json:"valid"`
	Warnings []mistake        `json:"warnings"`
	Plan     experiments.Plan `json:"plan"`
	Time     *timePlan        `json:"time,omitempty"`
	Sweep    *sweepPlan       `json:"sweep,omitempty"`
}

// plan foresees what the experiment would do, how long it would take, and, of a sweep, what
// all its trials would.
func (c checkCommand) plan(ctx context.Context, w world, e experiments.Experiment) (p checked, err error) {
	if p.Sweep, err = planSweep(ctx, c.DB, e); err != nil {
		return p, err
	}
	if e.Sweep != nil && e.Sweep.Folds && e.Data.Split.Fold == 0 {
		e.Data.Split.Fold = 1 // the others are alike
	}
	env := stage.Env{Now: w.now, Recorder: stage.Discard, Cache: c.Cache, Workers: max(1, c.Workers), Seed: e.Seed, Pretrained: c.Pretrained, PretrainedURL: c.PretrainedURL}
	if p.Plan, err = experiments.MakePlan(ctx, env, e); err != nil {
		return p, experiments.Place(err, c.File, c.Set)
	}
	if p.Time, err = planTime(ctx, c.DB, e, p.Plan); err != nil {
		return p, err
	}
	p.Sweep.follow(p.Time)
	return p, nil
}

func (w world) json(v any) error {
	encoder := json.NewEncoder(w.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
