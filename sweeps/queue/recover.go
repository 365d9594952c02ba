package queue

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"vertebra/results"
	"vertebra/sweeps"
)

// takeOver reads the queue, and finds out what became of trials that nobody
// waited for.
func (c *coordinator) takeOver(ctx context.Context) (err error) {
	if c.trials, err = c.q.Trials(ctx); err != nil {
		return err
	}
	for _, t := range c.trials {
		switch attached, err := c.attach(ctx, t); {
		case err != nil:
			return err
		case attached:
			continue
		}
		if t.State == results.TrialRunning {
			if err := c.lost(ctx, t); err != nil {
				return err
			}
		}
		c.pace.learn(t)
		if err := c.measure(ctx, t); err != nil {
			return err
		}
		if t.State == results.Paused && t.Replicate == 0 && !c.atRung(t) { // cut off: goes on by itself
			t.State = results.Queued
			if err := c.q.Store(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// atRung says whether a paused trial waits for the stopper to pick it.
func (c *coordinator) atRung(t *results.Trial) bool {
	for _, e := range c.asks(t.MaxEpochs) {
		if e == t.Epochs && len(t.Values) == e {
			return true
		}
	}
	return false
}

// lost looks at what a trial left whose sweep was killed. Its process notices and
// stores its state; it is waited for.
func (c *coordinator) lost(ctx context.Context, t *results.Trial) error {
	if err := c.waitFor(ctx, t); err != nil {
		return err
	}
	run, values, final, err := c.q.TrialRun(ctx, t.Number, t.Replicate, c.o.Objective)
	if err != nil {
		return err
	}
	if n := len(t.Spans); n > 0 && t.Spans[n-1].Outcome == "" {
		s := &t.Spans[n-1]
		s.Outcome, s.Last = "lost", max(s.First, len(values))
		if s.Ended = t.Heartbeat; run.Seen.After(s.Ended) {
			s.Ended = run.Seen
		}
		t.Seconds += max(0, s.Ended.Sub(s.Begun).Seconds())
	}
	t.PID, t.Device, t.State = 0, "", results.Queued
	words := "was lost with the process that ran the sweep; it begins anew"
	if run.ID != "" {
		t.Run, t.Values, t.Epochs = run.ID, values, len(values)
		t.Checkpoint = c.checkpoint(run.ID)
		words = fmt.Sprintf("was lost with the process that ran the sweep; it goes on with run %s after %d epochs", run.ID, len(values))
	}
	switch {
	case run.Status == results.Done:
		t.State, t.Value, t.Ended, t.Reason = results.TrialDone, final, run.Ended, ""
		t.Spans[len(t.Spans)-1].Outcome = "done"
		words = "was done when the process that ran the sweep was not there"
	case run.Status == results.Failed:
		return c.failed(ctx, t, failureKind(run.FailureKind), run.FailureMessage)
	}
	if err := c.event(ctx, t.Number, "warning", words); err != nil {
		return err
	}
	return c.q.Store(ctx, t)
}

// failureKind turns the kind that a run stored into one of ours.
func failureKind(kind string) string {
	switch kind {
	case OutOfMemory, NotANumber, Timeout, Data, User, Cancelled, NodeFailed, Machine:
		return kind
	}
	return Crash
}

// checkpoint is the file that a run goes on from, where it has one.
func (c *coordinator) checkpoint(run string) string {
	path := filepath.Join(c.o.Runs, run, "last.safetensors")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// waitFor waits until the process of a lost trial is gone. It has seen its line
// end; one that does not end within the grace is killed. Of one in another container the
// run says whether it lives.
func (c *coordinator) waitFor(ctx context.Context, t *results.Trial) error {
	begun := c.o.Now()
	for t.PID > 0 {
		all, err := c.q.Trials(ctx)
		if err != nil {
			return err
		}
		for _, row := range all {
			if row.Number == t.Number && row.Replicate == t.Replicate && row.Gone {
				return nil
			}
		}
		late := c.o.Now().Sub(begun) > c.o.Grace
		if host, err := os.Hostname(); err != nil || host != t.Host {
			run, _, _, err := c.q.TrialRun(ctx, t.Number, t.Replicate, c.o.Objective)
			switch {
			case err != nil || run.Status != results.Running:
				return err
			case late:
				return fmt.Errorf("trial %d runs on %s: the sweep can go on only there", t.Number, t.Host)
			}
		} else if late {
			_ = syscall.Kill(t.PID, syscall.SIGKILL)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(tick / 2):
		}
	}
	return nil
}

// pointOf is the point of a trial; that of added ones is empty.
func (c *coordinator) pointOf(t *results.Trial) sweeps.Point {
	if t.Origin != results.Searched {
		return nil
	}
	at, err := c.o.Space.Locate(t.Settings)
	if err != nil {
		return nil
	}
	return at
}
