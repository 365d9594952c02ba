package main

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/sweeps/queue"
)

// trialCommand is one trial of a sweep, in a process of its own. It is told what
// to do by its standard input, and tells what it did on file descriptor 3.
type trialCommand struct {
	places
	Workers int `help:"Images decoded at once." default:"${workers}"`
}

// Run trains until it is told to pause, or to the end.
func (c trialCommand) Run(ctx context.Context, w world) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	link, err := queue.Dial(os.Stdin, os.NewFile(3, "messages"), func() { cancel(queue.ErrAlone) })
	if err != nil {
		return err
	}
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t := trial{link: link, db: db, run: runCommand{
		File: link.Job.File, Resume: link.Job.Run, places: c.places, Device: link.Job.Device, Threads: link.Job.Threads, Workers: c.Workers}}
	return t.train(ctx, w)
}

// trial is a run whose sweep listens.
type trial struct {
	link *queue.Link
	db   *results.DB
	run  runCommand
}

func (t trial) train(ctx context.Context, w world) error {
	job := t.link.Job
	e, err := experiments.Read([]byte(job.Experiment))
	if err != nil {
		return t.fail(err)
	}
	id := t.run.identify(ctx, w, e)
	if ctx.Err() != nil { // nothing is begun yet, and what was cut off is no identity
		t.link.Tell(queue.Message{Type: queue.TellPaused, Run: job.Run})
		return context.Cause(ctx)
	}
	if done, err := t.doneBefore(ctx, id); done || err != nil {
		return err
	}
	id.facts = append(id.facts, stage.Fact{Name: results.TrialFact, Value: results.TrialName(job.Sweep, job.Trial, job.Replicate)})
	r, before, err := t.run.begin(ctx, w, t.db, e, id)
	if err != nil {
		return t.fail(err)
	}
	t.link.Tell(queue.Message{Type: queue.TellRun, Run: r.ID()})
	console := newConsole(w)
	defer console.close()
	env := t.run.env(w, e, r.ID())
	env.Recorder = stage.Tee{r, console, &teller{link: t.link, objective: job.Objective, now: w.now}}
	t.link.Checkpoint = filepath.Join(env.RunDir, "last.safetensors")
	if e.Data.Split.Folds == 0 || e.Data.Split.Fold != 0 { // folds of one run have no common epochs
		env.Ask = t.link.Ask
	}
	return t.finish(context.WithoutCancel(ctx), r, run(ctx, e, env, before))
}

// finish stores how the run ended, and tells.
func (t trial) finish(ctx context.Context, r *results.Run, failure error) error {
	status, m := results.Failed, queue.Message{Type: queue.TellPaused, Checkpoint: t.link.Checkpoint, Run: r.ID()}
	paused := errors.Is(failure, queue.ErrPause)
	switch {
	case failure == nil:
		status, m.Type = results.Done, queue.TellDone
	case paused:
		status, m.Kind = results.Interrupted, queue.TellAsk
	case errors.Is(failure, context.Canceled) || errors.Is(failure, queue.ErrAlone):
		status = results.Interrupted
	default:
		m.Type, m.Kind, m.Text = queue.TellFailed, failureKind(failure), failure.Error()
	}
	if err := r.Finish(ctx, status, failure); err != nil {
		return t.fail(err)
	}
	if status == results.Done {
		if err := t.value(ctx, r.ID(), &m); err != nil {
			return t.fail(err)
		}
	}
	t.link.Tell(m)
	if paused {
		return nil
	}
	return failure
}

// value is the objective of the finished run; where only epochs have it, the best
// of them, whose weights the run kept.
func (t trial) value(ctx context.Context, run string, m *queue.Message) error {
	values, final, err := t.db.Objective(ctx, run, t.link.Job.Objective)
	if math.IsNaN(final) && len(values) > 0 {
		final = values[len(values)-1]
	}
	m.Value, m.None = final, math.IsNaN(final) || math.IsInf(final, 0)
	if m.None {
		m.Value = 0
	}
	return err
}

// doneBefore tells of a finished run of the same identity, as if it were this
// trial's.
func (t trial) doneBefore(ctx context.Context, id identity) (bool, error) {
	if id.hash == "" || t.link.Job.Run != "" {
		return false, nil
	}
	done, err := t.db.DoneRun(ctx, id.hash)
	if err != nil || done == "" {
		return false, err
	}
	values, _, err := t.db.Objective(ctx, done, t.link.Job.Objective)
	if err != nil {
		return false, err
	}
	for i, v := range values {
		t.link.Tell(epochMessage(i+1, v))
	}
	m := queue.Message{Type: queue.TellDone, Run: done, Text: ", as run " + done + " did already"}
	if err := t.value(ctx, done, &m); err != nil {
		return false, err
	}
	t.link.Tell(m)
	return true, nil
}

// fail tells of an error outside the run.
func (t trial) fail(err error) error {
	t.link.Tell(queue.Message{Type: queue.TellFailed, Kind: failureKind(err), Text: err.Error()})
	return err
}

// failureKind sorts an error into the types of failures.
func failureKind(err error) string {
	var typed interface {
		error
		Kind() string
	}
	var problems registry.Problems
	var fault stage.Fault
	switch {
	case errors.As(err, &typed):
		return typed.Kind()
	case errors.As(err, &problems), errors.As(err, &fault):
		return queue.User
	}
	return queue.Crash
}

// teller passes on what a sweep wants to know of a run.
type teller struct {
	link      *queue.Link
	objective string
	now       func() time.Time

	lock  sync.Mutex
	begun bool
	last  time.Time
}

// Record tells the objective of each epoch.
func (t *teller) Record(_ context.Context, records ...stage.Record) error {
	for _, r := range records {
		if s, ok := r.(stage.Scalar); ok && s.Epoch > 0 && s.Series+"."+s.Name == t.objective {
			t.link.Tell(epochMessage(s.Epoch, s.Value))
		}
	}
	return nil
}

func epochMessage(epoch int, value float64) queue.Message {
	m := queue.Message{Type: queue.TellEpoch, Epoch: epoch, Value: value}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		m.Value, m.None = 0, true
	}
	return m
}

// Progress tells that the trial lives, once a second, and when training begins.
func (t *teller) Progress(p stage.Progress) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if p.Stage == "train" && !t.begun {
		t.begun = true
		t.link.Tell(queue.Message{Type: queue.TellBegun})
	}
	if now := t.now(); now.Sub(t.last) >= time.Second {
		t.last = now
		t.link.Tell(queue.Message{Type: queue.TellAlive})
	}
}
