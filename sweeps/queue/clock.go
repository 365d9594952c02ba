package queue

import (
	"context"
	"math"
	"slices"
	"time"

	"vertebra/results"
)

var nan = math.NaN()

// pace keeps what parts of trials took, in seconds, to foresee what others will.
type pace struct {
	startups []float64           // from the start of the process to the first step
	tails    []float64           // from the last epoch to the end: evaluation
	epochs   []float64           // of all trials
	own      map[int64][]float64 // by row
	reports  []float64
}

// learn takes over what earlier processes measured.
func (p *pace) learn(t *results.Trial) {
	for _, s := range t.Spans {
		if s.Startup > 0 {
			p.startups = append(p.startups, s.Startup)
		}
		if took := s.Ended.Sub(s.Begun).Seconds() - s.Startup; s.Last > s.First && took > 0 {
			p.epoch(t, took/float64(s.Last-s.First))
		}
	}
}

func (p *pace) epoch(t *results.Trial, seconds float64) {
	p.epochs = append(p.epochs, seconds)
	if p.own == nil {
		p.own = map[int64][]float64{}
	}
	p.own[key(t)] = append(p.own[key(t)], seconds)
}

// key tells rows apart.
func key(t *results.Trial) int64 { return int64(t.Number)<<20 | int64(t.Replicate) }

// perEpoch is what one epoch of a trial takes: by its own, or by the slower ones
// of others; 0 when nobody knows.
func (p *pace) perEpoch(t *results.Trial) float64 {
	if t != nil {
		if own := p.own[key(t)]; len(own) > 0 {
			return slices.Max(own[max(0, len(own)-5):])
		}
	}
	return upper(p.epochs)
}

// upper is the third quartile of the latest.
func upper(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Clone(all[max(0, len(all)-100):])
	slices.Sort(sorted)
	return sorted[len(sorted)*3/4]
}

// most is the largest of the latest, or a guess where there is none.
func most(all []float64, guess float64) float64 {
	if len(all) == 0 {
		return guess
	}
	return slices.Max(all[max(0, len(all)-20):])
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// guess is what something takes that nobody measured yet, in seconds: a hundredth
// of the time there is, two at most.
func (c *coordinator) guess() float64 {
	return min(max(c.o.Deadline.Sub(c.began).Seconds()/100, 0.1), 2)
}

// reserve is what is kept at the end for the report and for what nobody foresaw.
func (c *coordinator) reserve() time.Duration {
	window := c.o.Deadline.Sub(c.began)
	margin := max(window/50, min(window/8, time.Second)) // a busy machine may be slow to end a process
	margin = min(margin, time.Minute)
	if c.cluster != nil { // it answers late
		margin += min(3*c.cluster.Settings.Poll+c.o.Grace, window/4)
	}
	return margin + seconds(1.5*most(c.pace.reports, c.guess()))
}

// evaluation is what it takes to evaluate the best trial where it was cut off.
func (c *coordinator) evaluation() time.Duration {
	return seconds(1.2 * (most(c.pace.startups, c.guess()) + most(c.pace.tails, max(c.guess(), c.pace.perEpoch(nil)))))
}

// left is the time until no trial may train any more; a large one without a
// deadline.
func (c *coordinator) left() time.Duration {
	if c.o.Deadline.IsZero() {
		return math.MaxInt64
	}
	left := c.o.Deadline.Sub(c.o.Now()) - c.reserve()
	if best := c.best(); best == nil || best.State != results.TrialDone {
		left -= c.evaluation()
	}
	return left
}

// target is the epoch after which a trial next asks, or its last.
func (c *coordinator) target(epochs, last int) int {
	for _, e := range c.asks(last) {
		if e > epochs {
			return e
		}
	}
	return last
}

// asks are the epochs after which trials ask the stopper.
func (c *coordinator) asks(epochs int) []int { return c.o.Config.Stop.Part.Asks(epochs) }

// need is what a trial takes to get from one epoch to its next rung, or to its
// end and through its evaluation.
func (c *coordinator) need(t *results.Trial, epochs, last int, begun bool) time.Duration {
	per := c.pace.perEpoch(t)
	target := c.target(epochs, last)
	need := per * float64(target-epochs)
	if !begun {
		need += most(c.pace.startups, c.guess())
	}
	if target == last {
		need += most(c.pace.tails, per)
	}
	return seconds(need)
}

// fits says whether a trial that would begin now reached its next rung in time.
func (c *coordinator) fits(t *results.Trial) bool {
	return c.need(t, t.Epochs, max(t.MaxEpochs, t.Epochs+1), false) <= c.left()
}

// fitsNew says the same of a trial that is not made yet.
func (c *coordinator) fitsNew() bool { return c.need(nil, 0, max(1, c.o.Epochs), false) <= c.left() }

// tooLate notes, once, that something no longer fits.
func (c *coordinator) tooLate(ctx context.Context) error {
	if c.late {
		return nil
	}
	c.late = true
	return c.event(ctx, -1, "info", "no further trial would reach its next rung before "+c.o.Deadline.Local().Format("15:04:05"))
}
