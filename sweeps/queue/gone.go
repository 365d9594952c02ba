package queue

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"vertebra/results"
)

// gone notes how the process of a trial ended.
func (c *coordinator) gone(ctx context.Context, p *process, cause error) error {
	c.running = slices.DeleteFunc(c.running, func(q *process) bool { return q == p })
	p.work.close()
	ctx = context.WithoutCancel(ctx)
	t, now := p.trial, c.o.Now()
	t.PID, t.Device = 0, ""
	t.Lease, t.Heartbeat = time.Time{}, now
	if c.cluster != nil {
		return c.taskGone(ctx, p, cause)
	}
	t.Spans[p.span].Ended = now
	t.Seconds += now.Sub(p.begun).Seconds()
	return c.sort(ctx, p, cause)
}

// sort notes what became of a trial by its last word.
func (c *coordinator) sort(ctx context.Context, p *process, cause error) error {
	t := p.trial
	if p.last == nil {
		return c.crashed(ctx, p, cause)
	}
	if err := c.measure(ctx, t); err != nil {
		return err
	}
	switch {
	case p.last.Type == TellDone:
		return c.done(ctx, p)
	case p.last.Type == TellFailed && p.last.Kind == OutOfMemory && p.beside:
		return c.crowded(ctx, p)
	case p.last.Type == TellFailed:
		return c.failed(ctx, t, p.last.Kind, p.last.Text)
	}
	if p.last.Checkpoint != "" {
		t.Checkpoint = p.last.Checkpoint
	}
	if p.timeout {
		return c.failed(ctx, t, Timeout, p.why)
	}
	return c.paused(ctx, p)
}

// done notes a trial that was evaluated.
func (c *coordinator) done(ctx context.Context, p *process) error {
	t := p.trial
	t.State, t.Value, t.Ended, t.Run = results.TrialDone, p.last.Value, c.o.Now(), p.last.Run
	if p.last.None {
		t.Value = nan
	}
	t.Reason = ""
	if p.finish {
		t.Reason = fmt.Sprintf("evaluated after %d of at most %d epochs: the time was over", t.Epochs, t.MaxEpochs)
	} else {
		t.Epochs = max(t.Epochs, len(t.Values))
	}
	if p.last.Text != "" { // of a run that was done already
		t.Reason = ""
	}
	span := &t.Spans[p.span]
	span.Last, span.Outcome = t.Epochs, "done"
	if !p.mark.IsZero() && p.last.Text == "" {
		c.pace.tails = append(c.pace.tails, t.Spans[p.span].Ended.Sub(p.mark).Seconds())
	}
	epochs := ""
	if t.Epochs > 0 { // the folds of one run have no epochs in common
		epochs = fmt.Sprintf(" after %d epochs", t.Epochs)
	}
	c.o.Say("trial %d: %s %.5g%s%s", t.Number, c.o.Objective, t.Value, epochs, p.last.Text)
	if err := c.q.Store(ctx, t); err != nil {
		return err
	}
	return c.tidy(ctx)
}

// paused notes a trial whose state is stored: it waits, or it is ended.
func (c *coordinator) paused(ctx context.Context, p *process) error {
	t := p.trial
	span := &t.Spans[p.span]
	span.Last = t.Epochs
	switch {
	case t.Reason != "": // a stopper ended it
		t.State, t.Ended, span.Outcome = results.Stopped, c.o.Now(), "stopped"
	case p.last.Kind == TellAsk:
		t.State, t.Reason, span.Outcome = results.Paused, p.why, "paused"
	default: // in the middle of something
		t.State, t.Reason, span.Outcome = results.Paused, p.why, "cut off"
	}
	if t.Reason == "" {
		t.Reason = "stopped from outside"
	}
	c.o.Say("trial %d: %s", t.Number, t.Reason)
	if err := c.q.Store(ctx, t); err != nil {
		return err
	}
	return c.tidy(ctx)
}

// crashed notes a process that ended without a word.
func (c *coordinator) crashed(ctx context.Context, p *process, cause error) error {
	t := p.trial
	words := fmt.Sprintf("its process ended without a word: %v", cause)
	var exit *exec.ExitError
	if errors.As(cause, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL && p.asked.IsZero() {
			words += " (somebody killed it, or the machine ran out of memory)"
		}
	}
	if p.timeout {
		return c.failed(ctx, t, Timeout, p.why+", and had to be killed")
	}
	if !p.asked.IsZero() { // it was to end, and took too long to store its state
		p.last = &Message{}
		return c.paused(ctx, p)
	}
	if span := t.Spans[p.span]; span.Last > span.First { // it came further: whoever ended it, it was not its beginning
		t.Attempt = 0
	}
	if t.Attempt <= c.o.Config.Limits.Retries {
		t.Attempt++
		t.State = results.Queued
		t.Spans[p.span].Outcome = "crashed"
		if err := c.event(ctx, t.Number, "warning", words+"; it is tried again"); err != nil {
			return err
		}
		return c.q.Store(ctx, t)
	}
	return c.failed(ctx, t, Crash, words)
}

// failed notes a failure; one for want of memory is tried again in smaller parts.
func (c *coordinator) failed(ctx context.Context, t *results.Trial, kind, text string) error {
	if n := len(t.Spans); n > 0 && t.Spans[n-1].Outcome == "" {
		t.Spans[n-1].Outcome = kind
	}
	if kind == Machine || kind == Data && !c.changesData(t) {
		return c.spare(ctx, t, text)
	}
	if kind == OutOfMemory && c.o.Config.Limits.Memory && c.smaller(ctx, t) {
		if err := c.event(ctx, t.Number, "warning", "out of memory; tried again with "+t.Sets[len(t.Sets)-1]); err != nil {
			return err
		}
		return c.q.Store(ctx, t)
	}
	return c.fail(ctx, t, kind, text)
}

// fail notes that nothing more becomes of a trial.
func (c *coordinator) fail(ctx context.Context, t *results.Trial, kind, text string) error {
	if n := len(t.Spans); n > 0 && t.Spans[n-1].Outcome == "" {
		t.Spans[n-1].Outcome = kind
	}
	t.State, t.FailureKind, t.FailureMessage, t.Ended = results.TrialFailed, kind, text, c.o.Now()
	t.Log = c.lastWords(t)
	if err := c.event(ctx, t.Number, "error", "failed: "+kind+": "+text); err != nil {
		return err
	}
	if err := c.q.Store(ctx, t); err != nil {
		return err
	}
	return c.tidy(ctx)
}

// smaller makes a trial anew with a batch in twice as many parts; false when the
// experiment cannot.
func (c *coordinator) smaller(_ context.Context, t *results.Trial) bool {
	parts := 2
	for _, set := range t.Sets {
		var n int
		if _, err := fmt.Sscanf(set, "train.accumulate=%d", &n); err == nil {
			parts = 2 * n
		}
	}
	if parts > 64 {
		return false
	}
	again := *t
	again.Sets = append(slices.Clone(t.Sets), fmt.Sprintf("train.accumulate=%d", parts))
	settings := c.o.Space.Assign(c.pointOf(t))
	experiment, epochs, err := c.o.Make(settings, again.Sets, t.Replicate)
	if err != nil {
		return false
	}
	t.Sets, t.Experiment, t.MaxEpochs = again.Sets, experiment, epochs
	t.State, t.Run, t.Checkpoint, t.Epochs, t.Values, t.Value, t.Attempt = results.Queued, "", "", 0, nil, nan, 0
	return true
}

// endAll ends what still runs, and waits for it.
func (c *coordinator) endAll(ctx context.Context, why string) error {
	for _, p := range c.running {
		p.stop(c.o.Now(), why)
	}
	for len(c.running) > 0 {
		if err := c.flush(ctx); err != nil {
			return err
		}
		select {
		case <-c.blind():
			return nil
		case m := <-c.inbox:
			if m.Type == TellAsk && c.cluster == nil {
				m.from.work.reply(m.Epoch, DoPause)
			}
			if err := c.hear(ctx, m); err != nil {
				return err
			}
		case <-time.After(tick):
			for _, p := range c.running {
				if c.o.Now().Sub(p.asked) > c.o.Grace {
					p.kill(c.o.Now())
				}
			}
		}
	}
	return nil
}
