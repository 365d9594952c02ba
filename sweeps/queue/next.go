package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vertebra/results"
	"vertebra/sweeps"
)

// next finds the row that is to compute next; nil for none now. What was begun
// goes before what is new.
func (c *coordinator) next(ctx context.Context) (*results.Trial, error) {
	if c.wish != results.WishRun || c.over != "" || c.rests() {
		return nil, nil
	}
	for _, t := range c.trials {
		if t.State != results.Queued || t.Device != "" { // a cluster has it
			continue
		}
		if ready, err := c.ready(ctx, t); ready != nil || err != nil {
			return ready, err
		}
	}
	if t := c.promoted(false); t != nil {
		return t, nil
	}
	if t, err := c.replicate(ctx); t != nil || err != nil {
		return t, err
	}
	if t, err := c.fresh(ctx); t != nil || err != nil {
		return t, err
	}
	if len(c.running) == 0 {
		return c.promoted(true), nil
	}
	return nil, nil
}

// ready gives a queued row, if it can reach where it wants to get in time.
func (c *coordinator) ready(ctx context.Context, t *results.Trial) (*results.Trial, error) {
	if t.Experiment == "" {
		if err := c.make(ctx, t); err != nil || t.State != results.Queued {
			return nil, err
		}
	}
	if !c.fits(t) {
		return nil, c.tooLate(ctx)
	}
	return t, nil
}

// promoted is a paused trial that goes on. closing says that nothing else will
// happen.
func (c *coordinator) promoted(closing bool) *results.Trial {
	for tried := map[int]bool{}; ; {
		f := c.field()
		f.Tracks = slices.DeleteFunc(f.Tracks, func(t sweeps.Track) bool { return tried[t.Trial] && t.Paused })
		number, ok := c.o.Config.Stop.Part.Resume(f, c.o.Epochs, closing)
		if !ok {
			return c.pausedReplicate()
		}
		if t := c.find(number, 0); t != nil && c.fits(t) {
			return t
		}
		tried[number], c.late = true, true
	}
}

// pausedReplicate is one that no stopper looks at.
func (c *coordinator) pausedReplicate() *results.Trial {
	for _, t := range c.trials {
		if t.State == results.Paused && t.Replicate > 0 && c.fits(t) {
			return t
		}
	}
	return nil
}

// replicate adds the next seed or fold of a trial whose earlier ones are done,
// unless these say that it is hopeless.
func (c *coordinator) replicate(ctx context.Context) (*results.Trial, error) {
	for _, number := range c.numbers() {
		rows := c.of(number)
		last := rows[len(rows)-1]
		if len(rows) >= c.o.Replicates || last.State != results.TrialDone || last.Reason != "" {
			continue
		}
		if c.hopeless(number) {
			last.Reason = "worse than the best trial on the same folds and seeds"
			if err := c.q.Store(ctx, last); err != nil {
				return nil, err
			}
			continue
		}
		t := &results.Trial{Number: number, Replicate: last.Replicate + 1, Origin: last.Origin, Settings: last.Settings, Sets: last.Sets,
			Note: last.Note, State: results.Queued, Value: nan}
		return c.add(ctx, t)
	}
	return nil, nil
}

func (c *coordinator) hopeless(number int) bool {
	paired, ok := c.o.Config.Stop.Part.(interface {
		Hopeless(mine, best map[int]float64, noise float64) bool
	})
	best := c.best()
	return ok && best != nil && best.Number != number && paired.Hopeless(c.replicates(number), c.replicates(best.Number), c.field().Noise)
}

// fresh makes a new trial, while there is to be one: the baseline first, then
// what the search proposes.
func (c *coordinator) fresh(ctx context.Context) (*results.Trial, error) {
	made, failed := 0, 0
	for _, number := range c.numbers() {
		t := c.find(number, 0)
		if t != nil && t.Origin != results.Added {
			made++
		}
		if t != nil && t.State == results.TrialFailed && !infeasible(t.FailureKind) {
			failed++
		}
	}
	switch {
	case c.o.Config.Trials > 0 && made >= c.o.Config.Trials || c.exhausted:
		return nil, nil
	case failed >= c.o.Config.Limits.Failures:
		return nil, c.end(ctx, fmt.Sprintf("%d trials failed", failed))
	case c.full:
		return nil, nil
	case !c.fitsNew():
		return nil, c.tooLate(ctx)
	}
	t := &results.Trial{Number: -1, Origin: results.Baseline, Settings: map[string]string{}, State: results.Queued, Value: nan}
	if made > 0 || !c.o.Config.Baseline {
		proposal, err := c.o.Config.Search.Part.Next(c.question())
		if errors.Is(err, sweeps.ErrExhausted) {
			c.exhausted = true
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		t.Origin, t.Settings, t.Note = results.Searched, c.o.Space.Values(proposal.Point), proposal.Note
	}
	return c.add(ctx, t)
}

// add stores a new row before anything is done with it.
func (c *coordinator) add(ctx context.Context, t *results.Trial) (*results.Trial, error) {
	if err := c.q.Add(ctx, t); err != nil {
		return nil, err
	}
	c.trials = append(c.trials, t)
	return c.ready(ctx, t)
}

// make resolves the experiment of a row. Settings that make no experiment are a
// failed trial, and the search learns from it.
func (c *coordinator) make(ctx context.Context, t *results.Trial) error {
	var settings []sweeps.Assignment
	if t.Origin == results.Searched {
		at, err := c.o.Space.Locate(t.Settings)
		if err != nil {
			return fmt.Errorf("trial %d: %w", t.Number, err)
		}
		settings = c.o.Space.Assign(at)
	}
	var err error
	t.Experiment, t.MaxEpochs, err = c.o.Make(settings, t.Sets, t.Replicate)
	if err == nil {
		return c.q.Store(ctx, t)
	}
	return c.failed(ctx, t, User, err.Error())
}
