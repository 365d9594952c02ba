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
	pretrainedFlags
	Workers int    `help:"Images decoded at once." default:"${workers}"`
	Task    string `help:"Folder of a task of a cluster, which says there what to do and is told there what was done." type:"path"`
}

// Run trains until it is told to pause, or to the end.
func (c trialCommand) Run(ctx context.Context, w world) (err error) {
	if c.Task != "" {
		return c.task(ctx, w)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	link, err := queue.Dial(os.Stdin, os.NewFile(3, "messages"), func() { cancel(queue.ErrAlone) })
	if err != nil {
		return err
	}
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return trial{line: link, job: link.Job}.fail(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.WaitLong(ctx, lockPatience, w.tell)
	t := trial{job: link.Job, line: link, book: &dbBook{db: db}, run: c.runOf(link.Job), resting: func(path string) { link.Checkpoint = path }}
	return t.train(ctx, w)
}

func (c trialCommand) runOf(j queue.Job) runCommand {
	return runCommand{File: j.File, Resume: j.Run, places: c.places, pretrainedFlags: c.pretrainedFlags, Device: j.Device, Threads: j.Threads, Workers: c.Workers}
}

// trial is a run whose sweep listens.
type trial struct {
	job     queue.Job
	line    line
	book    book
	run     runCommand
	resting func(checkpoint string) // says where the state will be stored
}

// line is what a trial tells its sweep by, and asks.
type line interface {
	Tell(queue.Message)
	Ask(ctx context.Context, epochs int) error
}

// book is where the run of a trial is written: the database, or a journal.
type book interface {
	// done finds a finished run of a fingerprint; "" where there is none.
	done(ctx context.Context, fingerprint string) (string, error)
	begin(ctx context.Context, w world, r runCommand, e experiments.Experiment, id identity) (run string, before earlier, err error)
	recorder() stage.Recorder
	finish(ctx context.Context, status results.Status, cause error) error
	// objective gives its values after each epoch, and the final one.
	objective(ctx context.Context, run, objective string) ([]float64, float64, error)
}

// dbBook writes into the database of results.
type dbBook struct {
	db  *results.DB
	run *results.Run
}

func (b *dbBook) done(ctx context.Context, fingerprint string) (string, error) {
	return b.db.DoneRun(ctx, fingerprint)
}

func (b *dbBook) begin(ctx context.Context, w world, r runCommand, e experiments.Experiment, id identity) (run string, before earlier, err error) {
	b.run, before, err = r.begin(ctx, w, b.db, e, id)
	if err != nil {
		return "", before, err
	}
	return b.run.ID(), before, nil
}

func (b *dbBook) recorder() stage.Recorder { return b.run }

func (b *dbBook) finish(ctx context.Context, status results.Status, cause error) error {
	return b.run.Finish(ctx, status, cause)
}

func (b *dbBook) objective(ctx context.Context, run, objective string) ([]float64, float64, error) {
	return b.db.Objective(ctx, run, objective)
}

func (t trial) train(ctx context.Context, w world) error {
	job := t.job
	e, err := experiments.Read([]byte(job.Experiment))
	if err != nil {
		return t.fail(err)
	}
	e.Locate = nil // the objective is the other net's
	id := t.run.identify(ctx, w, e)
	if ctx.Err() != nil { // nothing is begun yet, and what was cut off is no identity
		t.line.Tell(queue.Message{Type: queue.TellPaused, Run: job.Run})
		return context.Cause(ctx)
	}
	if done, err := t.doneBefore(ctx, id); done || err != nil {
		return err
	}
	id.facts = append(id.facts, stage.Fact{Name: results.TrialFact, Value: results.TrialName(job.Sweep, job.Trial, job.Replicate)})
	own, before, err := t.book.begin(ctx, w, t.run, e, id)
	if err != nil {
		return t.fail(err)
	}
	t.line.Tell(queue.Message{Type: queue.TellRun, Run: own})
	console := newConsole(w)
	console.epochs.of(e)
	defer console.close()
	env := t.run.env(w, e, own)
	env.Recorder = stage.Tee{t.book.recorder(), console, &teller{line: t.line, objective: job.Objective, now: w.now}}
	checkpoint := filepath.Join(env.RunDir, "last.safetensors")
	t.resting(checkpoint)
	if e.Data.Split.Folds == 0 || e.Data.Split.Fold != 0 { // folds of one run have no common epochs
		env.BetweenEpochs = t.line.Ask
	}
	e.Evaluate = e.Evaluate.Watching(job.Objective)
	failure := plain(run(ctx, e, env, before))
	return t.finish(context.WithoutCancel(ctx), queue.Message{Type: queue.TellPaused, Checkpoint: checkpoint, Run: own}, failure)
}

// finish stores how the run ended, and tells.
func (t trial) finish(ctx context.Context, m queue.Message, failure error) error {
	status := results.Failed
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
	if err := t.book.finish(ctx, status, failure); err != nil {
		return t.fail(err)
	}
	if status == results.Done {
		if err := t.value(ctx, m.Run, &m); err != nil {
			return t.fail(err)
		}
	}
	t.line.Tell(m)
	if paused {
		return nil
	}
	return failure
}

// value is the objective of the finished run; where only epochs have it, the best
// of them, whose weights the run kept.
func (t trial) value(ctx context.Context, run string, m *queue.Message) error {
	values, final, err := t.book.objective(ctx, run, t.job.Objective)
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
	if id.hash == "" || t.job.Run != "" {
		return false, nil
	}
	done, err := t.book.done(ctx, id.hash)
	if err != nil || done == "" {
		return false, err
	}
	values, final, err := t.book.objective(ctx, done, t.job.Objective)
	if err != nil || len(values) == 0 && math.IsNaN(final) { // a run that did not measure it
		return false, err
	}
	for i, v := range values {
		t.line.Tell(epochMessage(i+1, v))
	}
	m := queue.Message{Type: queue.TellDone, Run: done, Text: ", as run " + done + " did already"}
	if err := t.value(ctx, done, &m); err != nil {
		return false, err
	}
	t.line.Tell(m)
	return true, nil
}

// fail tells of an error outside the run. One that is told to end before it has begun has not
// failed.
func (t trial) fail(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, queue.ErrAlone) {
		t.line.Tell(queue.Message{Type: queue.TellPaused, Run: t.job.Run})
		return err
	}
	t.line.Tell(queue.Message{Type: queue.TellFailed, Kind: failureKind(err), Text: err.Error()})
	return err
}

// failureKind sorts an error into the types of failures.
func failureKind(err error) string {
	var problems registry.Problems
	var fault stage.Fault
	switch kind := stage.KindOf(err); {
	case kind != "":
		return kind
	case errors.As(err, &problems), errors.As(err, &fault):
		return queue.User
	}
	return queue.Crash
}

// teller passes on what a sweep wants to know of a run.
type teller struct {
	line      line
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
			t.line.Tell(epochMessage(s.Epoch, s.Value))
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
		t.line.Tell(queue.Message{Type: queue.TellBegun})
	}
	if now := t.now(); now.Sub(t.last) >= time.Second {
		t.last = now
		t.line.Tell(queue.Message{Type: queue.TellAlive})
	}
}
