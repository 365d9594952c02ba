package queue

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"vertebra/results"
	"vertebra/sweeps"
)

// hear takes in what a trial told.
func (c *coordinator) hear(ctx context.Context, m told) error {
	switch {
	case m.fatal != nil:
		return m.fatal
	case m.note != "":
		return c.event(ctx, -1, "warning", m.note)
	}
	p, t := m.from, m.from.trial
	now := c.o.Now()
	p.heard = now
	before := p.told
	if !m.at.IsZero() { // what was written down is read later
		now = m.at
		p.told = now
	}
	switch {
	case m.ended:
		return c.gone(ctx, p, m.err)
	case m.requeued != "":
		return c.requeued(ctx, p, m)
	}
	switch m.Type {
	case TellRun:
		t.Run = m.Run
		if c.cluster != nil {
			p.endSpan(before, "requeued")
			c.begins(p, now, m.node)
		}
		return c.q.Store(ctx, t)
	case TellBegun:
		c.begun(p, now)
	case TellEpoch:
		return c.epoch(ctx, p, m.Message, now)
	case TellAsk:
		return c.asked(ctx, p, m, now)
	case TellPaused, TellDone, TellFailed:
		last := m.Message
		p.last = &last
	}
	return nil
}

// begun notes how long it took until a trial trained.
func (c *coordinator) begun(p *process, now time.Time) {
	p.mark = now
	span := &p.trial.Spans[p.span]
	span.Startup = now.Sub(p.begun).Seconds()
	c.pace.startups = append(c.pace.startups, span.Startup)
}

// asked stores how far a trial is that asks whether it goes on, and answers.
func (c *coordinator) asked(ctx context.Context, p *process, m told, now time.Time) error {
	t := p.trial
	t.Epochs, t.Checkpoint = m.Epoch, m.Checkpoint
	t.Spans[p.span].Last = m.Epoch
	if err := c.q.Store(ctx, t); err != nil {
		return err
	}
	if m.answered { // by whoever ran the sweep before
		p.mark = now
		return nil
	}
	p.work.reply(m.Epoch, c.answer(p, m.Epoch))
	p.mark = c.o.Now()
	return nil
}

// epoch notes the value after an epoch. One that is trained again, because its
// state was not stored, gives the same.
func (c *coordinator) epoch(ctx context.Context, p *process, m Message, now time.Time) error {
	t := p.trial
	if !p.mark.IsZero() {
		c.pace.epoch(t, now.Sub(p.mark).Seconds())
	}
	p.mark = now
	value := m.Value
	if m.None {
		value = nan
	}
	switch {
	case m.Epoch == len(t.Values)+1:
		t.Values = append(t.Values, value)
	case m.Epoch >= 1 && m.Epoch <= len(t.Values):
		t.Values[m.Epoch-1] = value
	}
	if v := c.sofar(t); !math.IsNaN(v) {
		t.Value = c.signed(v)
	}
	return c.q.Store(ctx, t)
}

// answer says what a trial does after an epoch.
func (c *coordinator) answer(p *process, epoch int) string {
	t := p.trial
	switch {
	case p.finish:
		return DoFinish
	case !p.asked.IsZero():
		return DoPause
	case c.wish != results.WishRun:
		p.why = "a person paused the sweep"
		return DoPause
	}
	if slices.Contains(c.asks(t.MaxEpochs), epoch) && t.Replicate == 0 && t.Origin != results.Baseline {
		switch c.o.Config.Stop.Part.Verdict(c.field(), t.Number, epoch) {
		case sweeps.Pause:
			p.why = fmt.Sprintf("waits at the rung of epoch %d", epoch)
			return DoPause
		case sweeps.End:
			p.why = fmt.Sprintf("stopped by %s after epoch %d", c.o.Config.Stop.Name, epoch)
			p.requeued = false
			p.trial.Reason = p.why
			return DoPause
		}
	}
	return c.inTime(p, epoch)
}

// inTime ends a trial that would not reach its next rung before the deadline:
// the best one is evaluated as it is.
func (c *coordinator) inTime(p *process, epoch int) string {
	t := p.trial
	if c.o.Deadline.IsZero() {
		return DoGo
	}
	left := c.left()
	switch {
	case c.need(t, epoch, t.MaxEpochs, true) <= left:
		return DoGo
	case c.isLeader(t) && seconds(c.pace.perEpoch(t)) <= left:
		return DoGo // every epoch counts for the best
	case c.isLeader(t): // the time that is kept for evaluating the best is for this
		p.why = fmt.Sprintf("evaluated after epoch %d: the time is over", epoch)
		p.finish = true
		return DoFinish
	}
	p.why = "would not reach its next rung before the deadline"
	return DoPause
}

func (c *coordinator) isLeader(t *results.Trial) bool {
	leader := c.leader()
	return leader == t || leader != nil && c.sofar(t) <= c.sofar(leader)
}

// look holds trials to their limits, renews leases and draws the live report.
func (c *coordinator) look(ctx context.Context) error {
	now := c.o.Now()
	for _, p := range c.running {
		c.hold(p, now)
		if !p.begun.IsZero() && now.Sub(p.trial.Heartbeat) > c.lease()/6 {
			p.trial.Heartbeat, p.trial.Lease = now, now.Add(c.lease())
			if err := c.q.Store(ctx, p.trial); err != nil {
				return err
			}
		}
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	if now.Sub(c.drawn) > drawEvery && (c.o.Deadline.IsZero() || c.left() > 4*seconds(most(c.pace.reports, c.guess()))) {
		return c.draw(ctx)
	}
	return nil
}

// drawEvery is how often the report is drawn while the sweep runs.
const drawEvery = 30 * time.Second

func (c *coordinator) draw(ctx context.Context) error {
	begun := c.o.Now()
	err := c.o.Report(ctx, false)
	c.drawn = c.o.Now()
	c.pace.reports = append(c.pace.reports, c.drawn.Sub(begun).Seconds())
	return err
}

// hold ends a trial that is over one of its limits.
func (c *coordinator) hold(p *process, now time.Time) {
	limits := c.o.Config.Limits
	computed := seconds(p.trial.Seconds) + now.Sub(p.begun)
	switch {
	case !p.asked.IsZero():
		if now.Sub(p.asked) > c.o.Grace {
			p.kill(now)
		}
	case p.begun.IsZero():
		c.holdWaiting(p, now)
	case limits.Trial != nil && computed > *limits.Trial:
		p.timeout = true
		p.stop(now, fmt.Sprintf("computed for longer than %s", *limits.Trial))
	case now.Sub(p.heard) > limits.Stall:
		p.timeout = true
		p.stop(now, fmt.Sprintf("told nothing for %s", limits.Stall))
	case c.wish != results.WishRun && !p.finish:
		p.stop(now, "a person paused the sweep")
	case c.o.Deadline.IsZero() || p.finish && now.Before(c.o.Deadline.Add(-c.reserve())):
	case p.finish:
		p.stop(now, "the time is over")
		p.kill(now)
	case c.left() <= 0 && !c.ending(p):
		p.stop(now, "the time is over")
	case now.After(c.o.Deadline.Add(-c.reserve())):
		p.stop(now, "the time is over")
		p.kill(now)
	}
}

// holdWaiting takes a trial out of the queue of a cluster where nothing is to begin
// any more.
func (c *coordinator) holdWaiting(p *process, now time.Time) {
	switch {
	case c.wish != results.WishRun && !p.finish:
		p.stop(now, "a person paused the sweep")
	case c.over != "" && !p.finish:
		p.stop(now, c.over)
	case !c.o.Deadline.IsZero() && c.left() <= 0:
		p.stop(now, "the time is over")
	}
}

// ending says whether a trial is past its last epoch: its evaluation is what the
// time was kept for.
func (c *coordinator) ending(p *process) bool {
	return len(p.trial.Values) >= p.trial.MaxEpochs && p.trial.MaxEpochs > 0
}
