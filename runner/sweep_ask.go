package main

import (
	"context"
	"fmt"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// sweepName names a sweep that a command is about.
type sweepName struct {
	Sweep string `arg:"" help:"Id or name of the sweep, or latest." default:"latest"`
	database
}

type (
	sweepPause  struct{ sweepName }
	sweepResume struct{ sweepName }
	sweepStop   struct{ sweepName }
)

// Run asks for a pause.
func (c sweepPause) Run(ctx context.Context, w world) error {
	return c.ask(ctx, w, results.WishPause, "it stores its trials and waits; runner sweep resume goes on")
}

// Run asks to go on.
func (c sweepResume) Run(ctx context.Context, w world) error {
	return c.ask(ctx, w, results.WishRun, "it goes on")
}

// Run asks for the end.
func (c sweepStop) Run(ctx context.Context, w world) error {
	return c.ask(ctx, w, results.WishStop, "it stores its trials, draws its report and ends")
}

// ask leaves a wish for the process that runs the sweep. Where none does, there
// is nobody to hear it.
func (c sweepName) ask(ctx context.Context, w world, wish results.Wish, words string) error {
	return c.use(ctx, func(db *results.DB) error {
		rec, err := db.LoadSweep(ctx, c.Sweep)
		if err != nil {
			return err
		}
		if rec.Status != results.SweepRunning && wish != results.WishRun {
			if n, err := cancelTasks(ctx, rec); n > 0 || err != nil {
				fmt.Fprintf(w.out, "no process runs sweep %s; its %d tasks in Slurm are ended, each after it stored its state\n", rec.ID, n)
				return err
			}
		}
		if rec.Status != results.SweepRunning {
			return stage.Fault{Err: fmt.Errorf("no process runs sweep %s: it is %s", rec.ID, rec.Status), Hint: "go on with: runner sweep " + rec.File}
		}
		if _, err := db.AskSweep(ctx, rec.ID, wish); err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.out, "sweep %s is asked: %s\n", rec.ID, words)
		return err
	})
}

// sweepAdd is runner sweep add.
type sweepAdd struct {
	Sweep string   `arg:"" help:"Id or name of the sweep, or latest."`
	Set   []string `help:"A setting of the trial: path=value." sep:"none" required:"" placeholder:"PATH=VALUE"`
	database
}

// Run puts a trial into the queue once it is known to be an experiment.
func (c sweepAdd) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		rec, err := db.LoadSweep(ctx, c.Sweep)
		if err != nil {
			return err
		}
		s, err := experiments.ReadSweep([]byte(rec.Experiment))
		if err != nil {
			return err
		}
		if _, err := s.Trial(nil, c.Set...); err != nil {
			return err
		}
		number, _, err := db.AddTrial(ctx, rec.ID, c.Set, w.now())
		if err != nil {
			return err
		}
		next := ""
		if rec.Status != results.SweepRunning {
			next = "; it is run by: runner sweep " + stage.ShellWord(w.called(rec.File))
		}
		_, err = fmt.Fprintf(w.out, "trial %d is in the queue of sweep %s (%s)%s\n", number, rec.ID, rec.Status, next)
		return err
	})
}
