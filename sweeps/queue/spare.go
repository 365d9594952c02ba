package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vertebra/results"
	"vertebra/sweeps"
)

// spare puts a trial back that failed of the machine, or of data that are gone: it goes on from its checkpoint after a
// rest, in which somebody may free the disk. Where that helps one trial as little as often as a
// crash is tried again, no further one is begun: they would fail as well, and a night of them
// would be no result. The sweep pauses, and the same command goes on.
func (c *coordinator) spare(ctx context.Context, t *results.Trial, text string) error {
	if n := len(t.Spans); n > 0 && t.Spans[n-1].Last > t.Spans[n-1].First { // it came further
		t.Attempt = 0
	}
	t.State, t.Reason = results.Queued, text
	if t.Run != "" {
		t.Checkpoint = c.checkpoint(t.Run)
	}
	if t.Attempt = max(t.Attempt, 1); t.Attempt > c.o.Config.Limits.Retries {
		t.Attempt = 0
		c.unfit, _, _ = strings.Cut(text, "\n") // without its hint
		if err := c.q.Store(ctx, t); err != nil {
			return err
		}
		return c.end(ctx, c.unfit)
	}
	rest := c.o.Rest
	for range t.Attempt - 1 {
		rest *= 5
	}
	if until := c.o.Now().Add(rest); until.After(c.rest) {
		c.rest = until
	}
	t.Attempt++
	if err := c.event(ctx, t.Number, "warning", fmt.Sprintf("nothing begins for %s, then it is tried again: %s", rest.Round(time.Millisecond), text)); err != nil {
		return err
	}
	return c.q.Store(ctx, t)
}

// changesData says whether a trial may have other data or images than the sweep, which read
// its own before the first trial. Where none has, data that cannot be read any more are gone for
// all: a drive that was taken away.
func (c *coordinator) changesData(t *results.Trial) bool {
	ofData := func(path string) bool {
		return strings.HasPrefix(path, "data.") || strings.HasPrefix(path, "preprocess.")
	}
	return slices.ContainsFunc(c.o.Space.Params, func(p sweeps.Param) bool { return ofData(p.Path) }) || slices.ContainsFunc(t.Sets, ofData)
}

// rests says whether nothing begins because the machine made a trial fail.
func (c *coordinator) rests() bool {
	return c.over == "" && c.wish == results.WishRun && c.o.Now().Before(c.rest)
}
