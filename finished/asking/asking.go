// Package asking keeps the nets of a finished run open and asks them about images that somebody
// sends, as a page or another program does. A question becomes what runner predict reads, a folder of
// images or a table of them, and goes the way of package predict: its numbers are those, to the bit.
//
// What is sent comes from strangers. Files have names that mean nothing outside their folder (see
// form.CleanName), are never taken for tables or experiments, and nothing of them is kept.
package asking

import (
	"context"
	"errors"
	"fmt"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/stage"
)

// Asker is a finished run whose nets stay open. It answers one question at a time.
type Asker struct {
	Wants  Wants             // what a question has to tell
	opened []finished.Opened // the run, or the members of an ensemble that count
	run    finished.Run
	asked  finished.Opened // what the answers are
	kept   predict.Kept
	turn   chan struct{} // whoever holds it may use the nets
}

// Open opens the nets of a run. One that cannot be asked about images that are sent is an error,
// which says what to do instead. Of env device, threads and recorder count.
func Open(ctx context.Context, env stage.Env, run finished.Run) (a *Asker, err error) {
	a = &Asker{run: run, turn: make(chan struct{}, 1)}
	if a.asked, err = finished.Read(run); err != nil {
		return nil, err
	}
	if a.opened, err = finished.OpenAsked(ctx, run); err != nil {
		return nil, err
	}
	if a.Wants, err = wantsOf(run, a.opened); err != nil {
		return nil, err
	}
	for _, o := range a.opened {
		if err := a.kept.Open(ctx, env, o); err != nil {
			return nil, errors.Join(err, a.kept.Close())
		}
	}
	return a, nil
}

// Close waits for the question under way, and frees the nets.
func (a *Asker) Close() error {
	a.turn <- struct{}{}
	return a.kept.Close()
}

// Nets is how many nets answer together.
func (a *Asker) Nets() (n int) {
	for _, o := range a.opened {
		n += len(o.Nets)
	}
	return n
}

// Asked is what the nets are asked, and the prediction sets that the run makes.
func (a *Asker) Asked() finished.Opened { return a.asked }

// Outliers says whether answers tell how unlike the images of the training an image is.
func (a *Asker) Outliers() bool {
	for _, o := range a.opened {
		if !o.KnowsOutliers() {
			return false
		}
	}
	return len(a.opened) > 0
}

// hold waits for its turn at the nets.
func (a *Asker) hold(ctx context.Context) (release func(), err error) {
	select {
	case a.turn <- struct{}{}:
		return func() { <-a.turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// whole names a run and what it is, for errors.
func whole(run finished.Run) string {
	if finished.IsEnsemble(run) {
		return fmt.Sprintf("ensemble %s", run.ID())
	}
	return fmt.Sprintf("run %s", run.ID())
}
