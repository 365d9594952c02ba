package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// checkCommand is runner check.
type checkCommand struct {
	File  string   `arg:"" help:"Experiment file." type:"existingfile"`
	Set   []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	Cache string   `help:"Folder of what is known of files." default:".cache" type:"path"`
}

// Run shows the plan. Data that is not there is an error like any other.
func (c checkCommand) Run(ctx context.Context, w world) error {
	e, warnings, err := experiments.Load(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	env := stage.Env{Now: w.now, Recorder: stage.Discard, Cache: c.Cache, Workers: runtime.NumCPU(), Seed: e.Seed}
	cases, err := audit.Run(ctx, env, e.Data)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	shape, err := preprocess.Plan(e.Preprocess)
	if err != nil {
		return fmt.Errorf("preprocess: %w", err)
	}
	return errors.Join(printCases(w.out, cases), printPlan(w.out, e, cases, shape))
}

func printCases(out io.Writer, cases audit.Cases) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "split\tcases\t%s\n", strings.Join(cases.Classes, "\t"))
	for _, split := range stage.Splits {
		counts, n := make([]int, len(cases.Classes)), 0
		for _, c := range cases.Cases {
			if c.Split == split {
				counts[c.Label]++
				n++
			}
		}
		if n > 0 {
			fmt.Fprintf(t, "%s\t%d\t%s\n", split, n, strings.Trim(strings.ReplaceAll(fmt.Sprint(counts), " ", "\t"), "[]"))
		}
	}
	for _, f := range cases.All() {
		fmt.Fprintf(t, "%s\t%d\t%s (%s)\n", f.Done, len(f.IDs), f.Rule, f.Unit)
	}
	return t.Flush()
}

func printPlan(out io.Writer, e experiments.Experiment, cases audit.Cases, shape preprocess.Shape) error {
	train := 0
	for _, c := range cases.Cases {
		if c.Split == stage.Train {
			train++
		}
	}
	steps := (train + e.Train.Batch - 1) / e.Train.Batch
	fmt.Fprintf(out, "\nimages  %d×%d×%d, %d in a batch, %d steps an epoch\n", shape.Channels, shape.Height, shape.Width, e.Train.Batch, steps)
	fmt.Fprintf(out, "model   %s, %d head layers, %d classes\n", e.Model.Backbone.Name, len(e.Model.Head), len(cases.Classes))
	rate, _ := e.Train.Optimizer.Part.Settings()
	for _, p := range e.Train.Phases {
		if p.Rate != nil {
			rate = *p.Rate
		}
		fmt.Fprintf(out, "phase   %s: at most %d epochs of %s at rate %g (%s, %s)\n",
			p.Name, p.Epochs, strings.Join(p.Train, ", "), rate, e.Train.Optimizer.Name, p.Schedule.Name)
	}
	_, err := fmt.Fprintf(out, "monitor %s\n", e.Train.Monitor)
	return err
}
