package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vertebra/results"
)

// coordinator runs a sweep. Everything happens in the goroutine of Run; trials
// send what they tell to inbox.
type coordinator struct {
	board
	o       *Options
	q       *results.Queue
	inbox   chan told
	running []*process
	cluster *cluster // nil where trials are processes of this machine
	pace    pace
	sharing sharing
	began   time.Time

	wish      results.Wish
	over      string    // why nothing new begins; "" while it may
	exhausted bool      // the search has no further point
	late      bool      // no new trial fits before the deadline
	full      bool      // the disk budget is used up
	unfit     string    // what is wrong with the machine, where trials failed of it again and again
	rest      time.Time // until then nothing begins
	polled    time.Time
	drawn     time.Time
	dropped   map[string]bool // checkpoints that are gone
}

// told is a message of a trial; err is why there will be no further one.
type told struct {
	from *process
	Message
	err   error
	ended bool

	// Of a task of a cluster:
	at       time.Time // when it was written down
	node     string    // where a run begins
	answered bool      // it went on since: it needs no answer
	requeued string    // it waits in the cluster's queue again
	note     string    // what the person at the keyboard should know
	fatal    error     // nothing goes on
}

// tick is how often wishes are looked for, and limits held.
const tick = 200 * time.Millisecond

// Run runs the trials until the sweep has what it wants, its time is over, or
// ctx is cancelled. Then nothing of it runs any more.
func Run(ctx context.Context, q *results.Queue, o Options) (Ended, error) {
	c := &coordinator{o: &o, q: q, inbox: make(chan told, 64), began: o.Now(), wish: results.WishRun, dropped: map[string]bool{}}
	c.board.o = &o
	c.cluster = newCluster(&o, c.inbox)
	if err := c.takeOver(ctx); err != nil {
		return Ended{}, err
	}
	ending := context.WithoutCancel(ctx)
	if c.cluster != nil {
		watching, done := context.WithCancel(ending)
		defer func() { done(); <-c.cluster.blind }()
		go c.cluster.watch(watching)
	}
	err := c.loop(ctx)
	if ctx.Err() == nil && err == nil && c.unfit == "" {
		err = c.evaluateBest(ctx)
	}
	if c.cluster == nil || ctx.Err() == nil { // a cluster's tasks go on by themselves
		err = errors.Join(err, c.endAll(ending, "the sweep was interrupted"))
	}
	ended := c.ended(ctx, err)
	return ended, errors.Join(err, q.Finish(ending, ended.Status, ended.Because), o.Report(ending, true))
}

// ended says how the sweep ended.
func (c *coordinator) ended(ctx context.Context, err error) Ended {
	switch {
	case err != nil && ctx.Err() == nil:
		return Ended{Status: results.SweepStopped, Because: err.Error()}
	case ctx.Err() != nil && len(c.running) > 0:
		return Ended{Status: results.SweepPaused, Because: fmt.Sprintf("interrupted; %d trials go on in Slurm", len(c.running))}
	case ctx.Err() != nil:
		return Ended{Status: results.SweepPaused, Because: "interrupted"}
	case c.wish == results.WishStop:
		return Ended{Status: results.SweepStopped, Because: "a person stopped it"}
	case c.unfit != "":
		return Ended{Status: results.SweepPaused, Because: c.unfit, Unwell: true}
	case c.over != "":
		return Ended{Status: results.SweepStopped, Because: c.over, Unwell: true}
	case c.late:
		return Ended{Status: results.SweepDone, Because: "its time is over"}
	case c.full:
		return Ended{Status: results.SweepPaused, Because: "the disk budget is used up"}
	}
	return Ended{Status: results.SweepDone, Because: "all trials are over", Unwell: c.vain()}
}

// vain says whether all trials failed.
func (c *coordinator) vain() bool {
	return len(c.trials) > 0 && !slices.ContainsFunc(c.trials, func(t *results.Trial) bool { return t.State != results.TrialFailed })
}

// loop starts, listens and looks after trials until there is nothing to do.
func (c *coordinator) loop(ctx context.Context) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		if err := c.poll(ctx); err != nil {
			return err
		}
		if err := errors.Join(c.fill(ctx), c.submit(ctx)); err != nil {
			return err
		}
		if len(c.running) == 0 && c.wish != results.WishPause && !c.rests() {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case m := <-c.inbox:
			if err := c.hear(ctx, m); err != nil {
				return err
			}
		case <-ticker.C:
		}
		if err := c.look(ctx); err != nil {
			return err
		}
	}
}

// fill starts trials on the slots that are free.
func (c *coordinator) fill(ctx context.Context) error {
	for {
		slot, free := c.freeSlot()
		if !free || ctx.Err() != nil {
			return nil
		}
		t, err := c.next(ctx)
		if err != nil {
			return err
		}
		if t == nil {
			return nil
		}
		if err := c.start(ctx, t, slot, false); err != nil {
			return err
		}
	}
}

func (c *coordinator) freeSlot() (Slot, bool) {
	taken := map[string]bool{}
	for _, p := range c.running {
		taken[p.slot.Name] = true
	}
	for _, s := range c.o.Slots {
		if !taken[s.Name] && c.mayTake(s) {
			return s, true
		}
	}
	return Slot{}, false
}

// poll looks at what people want, and at trials that they added.
func (c *coordinator) poll(ctx context.Context) error {
	now := c.o.Now()
	if now.Sub(c.polled) < tick {
		return nil
	}
	c.polled = now
	wish, n, err := c.q.Poll(ctx)
	if err != nil {
		return err
	}
	if wish != c.wish {
		if err := c.event(ctx, -1, "info", "a person asks: "+string(wish)); err != nil {
			return err
		}
	}
	c.wish = wish
	if n > len(c.trials) {
		return c.takeAdded(ctx)
	}
	return nil
}

// takeAdded takes over rows that other processes wrote.
func (c *coordinator) takeAdded(ctx context.Context) error {
	all, err := c.q.Trials(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		if c.find(t.Number, t.Replicate) == nil {
			c.trials = append(c.trials, t)
		}
	}
	return nil
}

// end lets nothing new begin.
func (c *coordinator) end(ctx context.Context, why string) error {
	if c.over != "" {
		return nil
	}
	c.over = why
	return c.event(ctx, -1, "warning", "nothing further begins: "+why)
}

func (c *coordinator) event(ctx context.Context, trial int, level, text string) error {
	if trial >= 0 {
		c.o.Say("trial %d: %s", trial, text)
	} else {
		c.o.Say("sweep: %s", text)
	}
	return c.q.Event(ctx, trial, level, text)
}

// evaluateBest evaluates the best trial where no evaluated one is as good: the
// sweep was cut off before it was trained to its end.
func (c *coordinator) evaluateBest(ctx context.Context) error {
	best := c.best()
	if c.wish != results.WishRun || best == nil || best.State != results.Paused && best.State != results.Stopped || best.Checkpoint == "" {
		return nil
	}
	slot, free := c.freeSlot()
	if best.Epochs == 0 || !free {
		return nil
	}
	if err := c.event(ctx, best.Number, "info", fmt.Sprintf("the best so far is evaluated as it is after %d epochs", best.Epochs)); err != nil {
		return err
	}
	if err := errors.Join(c.start(ctx, best, slot, true), c.submit(ctx)); err != nil {
		return err
	}
	c.wish, c.over = results.WishRun, "" // only this one goes on
	for len(c.running) > 0 && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case m := <-c.inbox:
			if err := c.hear(ctx, m); err != nil {
				return err
			}
		case <-time.After(tick):
		}
		if err := errors.Join(c.look(ctx), c.submit(ctx)); err != nil {
			return err
		}
	}
	return nil
}
