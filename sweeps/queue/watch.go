package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps/slurm"
)

// taskLost is how a task ended that did not say so itself.
type taskLost struct{ state, words string }

func (l taskLost) Error() string { return l.words }

// watch reads what tasks write down, and asks Slurm how far they are, until ctx is
// cancelled.
func (k *cluster) watch(ctx context.Context) {
	defer close(k.blind)
	defer k.release(context.WithoutCancel(ctx))
	var asked time.Time
	for ctx.Err() == nil {
		tasks := k.submitted()
		err := k.readAll(ctx, tasks)
		if now := k.now(); err == nil && len(tasks) > 0 && now.Sub(asked) >= k.Settings.Poll {
			asked = now // after the files: what Slurm says is newer than what they say
			err = k.judge(ctx, tasks, k.ask(ctx, tasks))
		}
		if err != nil {
			k.send(ctx, told{fatal: err})
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(k.Settings.Poll, readEvery)):
		}
	}
}

// release ends the runs that are under way in the results: whoever watches next goes
// on with them.
func (k *cluster) release(ctx context.Context) {
	for _, t := range k.submitted() {
		if err := t.shut(ctx, results.Interrupted, errors.New("nobody runs its sweep now; its task may go on")); err != nil {
			t.p.say("trial %d: %v", t.p.trial.Number, err)
		}
	}
}

// readEvery is how often the files of tasks are read.
const readEvery = 2 * time.Second

func (k *cluster) submitted() []*task {
	k.lock.Lock()
	defer k.lock.Unlock()
	k.tasks = slices.DeleteFunc(k.tasks, func(t *task) bool { return t.over })
	return slices.Clone(k.tasks)
}

// ask gives what Slurm knows; nil where it does not answer, which is told once.
func (k *cluster) ask(ctx context.Context, tasks []*task) map[slurm.Key]slurm.Task {
	var jobs []string
	for _, t := range tasks {
		if !slices.Contains(jobs, t.file.JobName) {
			jobs = append(jobs, t.file.JobName)
		}
	}
	states, err := k.Slurm.Tasks(ctx, jobs)
	if err != nil && ctx.Err() == nil && !k.quiet {
		k.send(ctx, told{note: fmt.Sprintf("Slurm does not say how far its tasks are; they are waited for: %v", err)})
	}
	k.quiet = err != nil
	if err != nil {
		return nil
	}
	return states
}

func (k *cluster) send(ctx context.Context, m told) {
	select {
	case k.inbox <- m:
	case <-ctx.Done():
	}
}

// readAll takes in what is new of all tasks.
func (k *cluster) readAll(ctx context.Context, tasks []*task) error {
	for _, t := range tasks {
		if err := k.read(ctx, t); err != nil {
			return fmt.Errorf("trial %d: %w", t.p.trial.Number, err)
		}
	}
	return nil
}

func (k *cluster) read(ctx context.Context, t *task) error {
	news, err := t.read.next()
	if err != nil {
		return err
	}
	if len(news) > 0 {
		t.settled = 0
	}
	for i, e := range news {
		later := slices.ContainsFunc(news[i+1:], func(e entry) bool { return e.Message != nil && e.Message.Type != TellAlive })
		if err := k.take(ctx, t, e, later); err != nil {
			return err
		}
		if t.over {
			k.send(ctx, told{from: t.p, at: e.At, ended: true})
			return nil
		}
	}
	return nil
}

// judge looks at what Slurm says of tasks that did not tell that they ended; nil for
// nothing.
func (k *cluster) judge(ctx context.Context, tasks []*task, states map[slurm.Key]slurm.Task) (err error) {
	for _, t := range tasks {
		if t.over || states == nil || err != nil {
			continue
		}
		s, known := states[slurm.Key{Job: t.file.JobName, Index: t.file.Index}]
		t.note(s, known)
		switch {
		case known && s.Waits() && t.running:
			err = k.requeued(ctx, t, s)
		case known && !s.Over():
			t.settled = 0
		case t.settled < 1: // a network drive may show the last words late
			t.settled++
		default:
			err = k.lost(ctx, t, s, known)
		}
	}
	return err
}

// name is how Slurm calls the task; "" where nobody knows.
func (t *task) name() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.id
}

func (t *task) note(s slurm.Task, known bool) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if known {
		t.seen, t.id = s, s.ID
	}
}

// requeued tells that a task will begin again.
func (k *cluster) requeued(ctx context.Context, t *task, s slurm.Task) error {
	t.running = false
	if err := t.shut(ctx, results.Interrupted, nil); err != nil {
		return err
	}
	k.send(ctx, told{from: t.p, requeued: strings.ToLower(s.State + ": " + s.Reason)})
	return nil
}

// lost tells that a task ended without its last word.
func (k *cluster) lost(ctx context.Context, t *task, s slurm.Task, known bool) error {
	l := taskLost{s.State, "its task ended without a word: Slurm says " + s.State}
	if s.Exit != "" {
		l.words += ", " + s.Exit
	}
	if s.Node != "" {
		l.words += ", on " + s.Node
	}
	switch {
	case !known && t.name() == "" && t.info == nil:
		l = taskLost{} // it was never submitted
	case !known:
		l.words = "its task is gone from Slurm's queue without a word"
	}
	t.over = true
	err := t.shut(ctx, results.Interrupted, errors.New(l.words))
	k.send(ctx, told{from: t.p, err: l, ended: true})
	return err
}

// take merges one entry into the results, and passes on what it tells. later says
// that the task went on after it.
func (k *cluster) take(ctx context.Context, t *task, e entry, later bool) error {
	if e.Begin != nil {
		if err := t.open(ctx, *e.Begin); err != nil {
			return err
		}
	}
	if len(e.Records) > 0 {
		if err := t.record(ctx, e.Records); err != nil {
			return err
		}
	}
	m := e.Message
	if m == nil {
		return nil
	}
	if m.ends() {
		t.over = true
		if err := t.end(ctx, m); err != nil {
			return err
		}
	}
	k.send(ctx, told{from: t.p, Message: *m, at: e.At, node: e.Node, answered: later})
	return nil
}

// open begins the run in the results, or goes on with it. One that is done there was
// merged before.
func (t *task) open(ctx context.Context, info results.RunInfo) error {
	if err := t.shut(ctx, results.Interrupted, nil); err != nil {
		return err
	}
	info.Now, t.info, t.running = t.k.now, &info, true
	status, err := t.k.DB.RunStatus(ctx, info.ID)
	switch {
	case err != nil || status == results.Done:
	case status == "":
		t.run, err = t.k.DB.Begin(ctx, info)
	default:
		t.run, err = t.k.DB.Resume(ctx, info.ID, info)
	}
	return err
}

// record merges records; those of a run that is done are there.
func (t *task) record(ctx context.Context, records []stage.Record) error {
	if t.run == nil && !t.running && t.info != nil { // taken for queued again, and it was not
		if err := t.open(ctx, *t.info); err != nil {
			return err
		}
	}
	if t.run == nil {
		return nil
	}
	return t.run.Record(ctx, records...)
}

// end stores how the run ended.
func (t *task) end(ctx context.Context, m *Message) error {
	switch m.Type {
	case TellDone:
		return t.shut(ctx, results.Done, nil)
	case TellFailed:
		return t.shut(ctx, results.Failed, toldFailure{*m})
	}
	return t.shut(ctx, results.Interrupted, ErrPause)
}

// toldFailure is an error that another process told.
type toldFailure struct{ m Message }

func (f toldFailure) Error() string { return f.m.Text }

// Kind is its type.
func (f toldFailure) Kind() string { return f.m.Kind }

// shut ends the run under way in the results, if there is one.
func (t *task) shut(ctx context.Context, status results.Status, cause error) error {
	if t.run == nil {
		return nil
	}
	run := t.run
	t.run = nil
	return run.Finish(ctx, status, cause)
}
