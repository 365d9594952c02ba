package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// lease is for how long a device is a trial's without a renewal. Of a cluster Slurm
// keeps the leases; ours says that somebody watches.
func (c *coordinator) lease() time.Duration {
	if c.cluster != nil {
		return 10 * lease
	}
	return lease
}

// attach takes up a trial that is in the hands of Slurm since an earlier process ran
// the sweep. What its task wrote down meanwhile is read from the beginning.
func (c *coordinator) attach(ctx context.Context, t *results.Trial) (bool, error) {
	if !inCluster(t) {
		return false, nil
	}
	if c.cluster == nil {
		return false, stage.Fault{Err: fmt.Errorf("trial %d waits or runs on %s", t.Number, t.Device), Hint: "go on with --on slurm"}
	}
	p := &process{trial: t, heard: c.o.Now(), span: -1, log: filepath.Join(c.taskFolder(t), "log"), say: c.o.Say}
	own := &task{k: c.cluster, p: p}
	p.work = own
	err := readJSON(filepath.Join(c.taskFolder(t), "job.json"), &own.file)
	var o orders
	if err == nil {
		err = readJSON(filepath.Join(c.taskFolder(t), "orders.json"), &o)
	}
	if errors.Is(err, os.ErrNotExist) || o.Do == doOver { // chosen, and never handed over
		t.State, t.Device = results.Queued, ""
		return true, c.q.Store(ctx, t)
	}
	own.read = reader{folder: c.taskFolder(t), number: own.file.First}
	own.id = strings.TrimSpace(strings.TrimPrefix(t.Device, onSlurm))
	p.finish = own.file.Finish
	p.slot, _ = c.freeSlot() // none where fewer are handed over now
	c.running = append(c.running, p)
	c.cluster.add(own)
	return true, err
}

// TasksOf names the tasks (job_index) that Slurm has of some trials.
func TasksOf(trials []*results.Trial) (out []string) {
	for _, t := range trials {
		if id, ok := strings.CutPrefix(t.Device, onSlurm+" "); ok && inCluster(t) {
			out = append(out, id)
		}
	}
	return out
}

// lane names a part of a node that no other task of the sweep computes on now:
// node7#2. Slurm knows which cores and GPU that is.
func (c *coordinator) lane(node string) string {
	taken := map[string]bool{}
	for _, p := range c.running {
		if p.span >= 0 {
			taken[p.trial.Spans[p.span].Device] = true
		}
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("%s#%d", node, i); !taken[name] {
			return name
		}
	}
}

// begins notes that a task computes. One that is read again begins no second time.
func (c *coordinator) begins(p *process, at time.Time, node string) {
	t := p.trial
	at = at.UTC().Truncate(time.Microsecond) // as it is stored
	p.span = slices.IndexFunc(t.Spans, func(s results.Span) bool { return s.Begun.Equal(at) })
	if p.span < 0 {
		t.Spans = append(t.Spans, results.Span{Device: c.lane(node), Begun: at, First: t.Epochs, Last: t.Epochs})
		p.span = len(t.Spans) - 1
		c.o.Say("trial %d on %s%s", t.Number, node, c.described(t))
	}
	now := c.o.Now()
	t.State, t.Host, t.Reason = results.TrialRunning, node, ""
	t.Heartbeat, t.Lease = now, now.Add(c.lease())
	p.begun, p.mark, p.last = at, time.Time{}, nil
}

// endSpan ends the time in which a task computed, if it did.
func (p *process) endSpan(at time.Time, outcome string) {
	t := p.trial
	if p.span < 0 {
		return
	}
	s := &t.Spans[p.span]
	if s.Ended.IsZero() {
		s.Ended, s.Outcome = at, outcome
	}
	t.Seconds = 0
	for _, s := range t.Spans {
		if !s.Ended.IsZero() {
			t.Seconds += s.Ended.Sub(s.Begun).Seconds()
		}
	}
}

// requeued notes that Slurm put a task back into its queue: pre-empted, out of time,
// by a person, or because its node failed.
func (c *coordinator) requeued(ctx context.Context, p *process, m told) error {
	t, at := p.trial, p.told
	if at.IsZero() {
		at = c.o.Now()
	}
	p.endSpan(at, "requeued")
	p.span, p.begun, p.last = -1, time.Time{}, nil
	t.State = results.Queued
	if err := c.event(ctx, t.Number, "info", fmt.Sprintf("Slurm put its task back into the queue (%s) after %d epochs; it goes on from its checkpoint", m.requeued, t.Epochs)); err != nil {
		return err
	}
	return c.q.Store(ctx, t)
}

// taskGone notes how a task ended.
func (c *coordinator) taskGone(ctx context.Context, p *process, cause error) error {
	if p.told.IsZero() {
		p.told = c.o.Now()
	}
	p.endSpan(p.told, "")
	var lost taskLost
	var err error
	switch errors.As(cause, &lost); {
	case p.last != nil && p.last.Kind == TellAsk && p.why == "" && p.asked.IsZero():
		err = c.answerLate(ctx, p)
	case p.last != nil && p.last.ends():
		err = c.sort(ctx, p, cause)
	case !p.asked.IsZero() && !p.timeout:
		err = c.withdrawn(ctx, p)
	default:
		err = c.lostTask(ctx, p, lost)
	}
	return errors.Join(err, p.work.(*task).settle())
}

// answerLate decides about a trial that waited for an answer in vain, because nobody
// ran the sweep, and paused.
func (c *coordinator) answerLate(ctx context.Context, p *process) error {
	if c.answer(p, p.trial.Epochs) != DoGo {
		return c.paused(ctx, p)
	}
	p.trial.State, p.trial.Checkpoint = results.Queued, p.last.Checkpoint
	p.trial.Spans[p.span].Outcome = "paused"
	return c.q.Store(ctx, p.trial)
}

// withdrawn notes a task that was to end: it goes on from its checkpoint, or begins,
// when it is its turn again.
func (c *coordinator) withdrawn(ctx context.Context, p *process) error {
	t := p.trial
	if p.span >= 0 {
		if p.last == nil {
			p.last = &Message{}
		}
		if p.last.Checkpoint != "" {
			t.Checkpoint = p.last.Checkpoint
		}
		return c.paused(ctx, p)
	}
	t.State, t.Reason = results.Queued, p.why
	return c.q.Store(ctx, t)
}

// lostTask notes a task that ended by no wish of ours: it is submitted again, from
// its checkpoint, unless that was tried before and it came no further.
func (c *coordinator) lostTask(ctx context.Context, p *process, lost taskLost) error {
	t := p.trial
	words := lost.words
	if p.last != nil && p.last.Checkpoint != "" { // it stored its state before
		t.Checkpoint, words = p.last.Checkpoint, fmt.Sprintf("its task was ended from outside: Slurm says %s", lost.state)
	}
	if p.span >= 0 {
		s := &t.Spans[p.span]
		s.Outcome, s.Last = "lost", max(s.First, t.Epochs)
		if s.Last > s.First {
			t.Attempt = 0
		}
	}
	kind, blameless := lostKind(lost.state)
	switch {
	case p.timeout:
		return c.failed(ctx, t, Timeout, p.why)
	case lost == taskLost{}: // never submitted
		t.State = results.Queued
		return c.q.Store(ctx, t)
	case kind == OutOfMemory:
		return c.fail(ctx, t, kind, words+": the memory of the node, not of the GPU; raise sweep.slurm.memory")
	case t.Attempt > c.o.Config.Limits.Retries && !(blameless && t.Attempt <= mostLosses):
		return c.fail(ctx, t, kind, words)
	}
	t.Attempt++
	t.State = results.Queued
	if err := c.event(ctx, t.Number, "warning", words+"; it is submitted again"); err != nil {
		return err
	}
	return c.q.Store(ctx, t)
}

// mostLosses is how often a trial is submitted again that lost its node each time
// before it came any further.
const mostLosses = 10

// lostKind types a failure by the state that Slurm gives; blameless ones say nothing
// about the trial.
func lostKind(state string) (kind string, blameless bool) {
	switch state {
	case "CANCELLED", "REVOKED":
		return Cancelled, false
	case "NODE_FAIL", "BOOT_FAIL":
		return NodeFailed, true
	case "PREEMPTED":
		return Cancelled, true
	case "TIMEOUT", "DEADLINE":
		return Timeout, false
	case "OUT_OF_MEMORY":
		return OutOfMemory, false
	}
	return Crash, false
}

// lastWords are the last lines of a trial's log, and of what Slurm said of its task.
func (c *coordinator) lastWords(t *results.Trial) string {
	if c.cluster == nil {
		return tail(c.logFile(t))
	}
	text := tail(filepath.Join(c.taskFolder(t), "log"))
	var file taskFile
	if readJSON(filepath.Join(c.taskFolder(t), "job.json"), &file) == nil {
		if said := tail(filepath.Join(c.o.Logs, fmt.Sprintf("%s-%d.out", batchName(file.Batch), file.Index))); said != "" {
			text += "\n" + said
		}
	}
	return text
}
