// Package parallel works on many things with all of a stage's workers, and tells how far it is.
package parallel

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/stage"
)

// Each works on the things from 0 to n−1, n being the Total of progress, whose Done it counts. It
// stops when the context ends.
func Each(ctx context.Context, env stage.Env, progress stage.Progress, work func(i int)) error {
	var read atomic.Int64
	n := progress.Total
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	const piece = 64
	for from := 0; from < n; from += piece {
		group.Go(func() error {
			for i := from; i < min(from+piece, n); i++ {
				if inner.Err() != nil {
					return context.Cause(inner)
				}
				work(i)
			}
			told := progress
			told.Done = min(int(read.Add(piece)), n)
			env.Recorder.Progress(told)
			return nil
		})
	}
	return group.Wait()
}
