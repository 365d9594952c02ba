package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps/queue"
)

// errTurn ends a trial whose time in the cluster is nearly over.
var errTurn = fmt.Errorf("its time in the cluster is nearly over: %w", context.Canceled)

// task is a trial as a task of a Slurm cluster. It writes nothing but its own files.
func (c trialCommand) task(ctx context.Context, w world) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	turn := make(chan os.Signal, 1)
	signal.Notify(turn, syscall.SIGUSR1) // of sbatch --signal, and of some clusters before they pre-empt
	go func() {
		select {
		case <-turn:
			cancel(errTurn)
		case <-ctx.Done():
		}
	}()
	own, err := queue.Join(c.Task, w.now)
	if errors.Is(err, queue.ErrNothing) {
		fmt.Fprintln(w.err, err)
		return nil
	}
	if err != nil {
		return err
	}
	t := trial{job: own.Job, line: own, book: &journalBook{task: own, final: math.NaN()}, run: c.runOf(own.Job),
		resting: func(path string) { own.Checkpoint = path }}
	err = t.train(ctx, w)
	if errors.Is(context.Cause(ctx), errTurn) && err != nil {
		return requeue(context.WithoutCancel(ctx), w)
	}
	return err
}

// requeue asks Slurm for a further turn, in which the trial goes on.
func requeue(ctx context.Context, w world) error {
	job := os.Getenv("SLURM_JOB_ID")
	out, err := exec.CommandContext(ctx, "scontrol", "requeue", job).CombinedOutput()
	if err != nil { // then whoever runs the sweep submits it again
		fmt.Fprintf(w.err, "runner: scontrol requeue %s: %v %s\n", job, err, strings.TrimSpace(string(out)))
	}
	return stopped{syscall.SIGUSR1}
}

// journalBook writes a run into the journal of a task.
type journalBook struct {
	task   *queue.Task
	values []float64
	final  float64
}

// done finds nothing: the database is elsewhere.
func (*journalBook) done(context.Context, string) (string, error) { return "", nil }

func (b *journalBook) begin(_ context.Context, w world, r runCommand, e experiments.Experiment, id identity) (string, earlier, error) {
	var before earlier
	facts := map[string]string{}
	for _, record := range b.task.Earlier {
		switch v := record.(type) {
		case stage.Prediction:
			before.predictions = append(before.predictions, v)
		case stage.Fact:
			facts[v.Name] = v.Value
		}
	}
	if err := id.same(b.task.Job.Run, func(name string) string { return facts[name] }); err != nil {
		return "", before, err
	}
	info := r.info(w, e, id)
	if info.ID = b.task.Job.Run; info.ID == "" {
		info.ID = b.task.NewRun
	}
	return info.ID, before, b.task.Begin(info)
}

func (b *journalBook) recorder() stage.Recorder { return b }

// Record writes the records down, and keeps the objective in mind.
func (b *journalBook) Record(ctx context.Context, records ...stage.Record) error {
	for _, record := range records {
		s, ok := record.(stage.Scalar)
		switch {
		case !ok || s.Series+"."+s.Name != b.task.Job.Objective:
		case s.Epoch == stage.Final:
			b.final = s.Value
		case s.Epoch > 0:
			b.values = append(b.values, s.Value)
		}
	}
	return b.task.Record(ctx, records...)
}

// Progress does nothing: progress is shown, not kept.
func (*journalBook) Progress(stage.Progress) {}

// finish does nothing: the last message says it.
func (*journalBook) finish(context.Context, results.Status, error) error { return nil }

func (b *journalBook) objective(context.Context, string, string) ([]float64, float64, error) {
	return b.values, b.final, nil
}
