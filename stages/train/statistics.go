package train

import (
	"context"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// otherWeights makes ready what the net is judged by after an epoch, where that is no EMA of the steps.
func (t *trainer) otherWeights(ctx context.Context) error {
	if free, is := t.cfg.ScheduleFree(t.phase); is {
		return t.averagePoints(ctx, free)
	}
	if t.cfg.SWA != nil {
		return t.averageEpoch(ctx)
	}
	return nil
}

// ownWeights lets go of what was made for judging the epoch before.
func (t *trainer) ownWeights() error {
	if _, is := t.cfg.ScheduleFree(t.phase); is {
		return t.closeAverages()
	}
	return nil
}

// statisticsMove says whether batch-norm follows the batches of the phase.
func (t *trainer) statisticsMove() bool {
	for _, p := range t.net.Store.Parameters {
		if p.Moves {
			return true
		}
	}
	return false
}

// measureStatistics measures those of batch-norm for the weights that stand beside the net's own: in training
// passes over the epoch's batches, at most so many of them; 0 for all. They become the mean over the batches,
// as torch.optim.swa_utils.update_bn has it.
func (t *trainer) measureStatistics(ctx context.Context, most int) error {
	if !t.statisticsMove() {
		return nil
	}
	order := t.order()
	all, times := batches(order, t.cfg.BatchSize(), t.leastBatch()), repeats(order)
	if most > 0 {
		all = all[:min(most, len(all))]
	}
	t.watch.on = false
	return t.averaged(ctx, func() error {
		return t.besideGraphs(ctx, func() error {
			t.feed.begin(all)
			n := 0
			for i, items := range all {
				if err := context.Cause(ctx); err != nil {
					return err
				}
				b := t.batch(items, times[i*t.cfg.BatchSize():])
				if err := t.net.Engine().Do(ctx, func(s *torch.Scope) error { n = t.measureBatch(s, b, n); return s.Err() }); err != nil {
					return t.cfg.memory(err)
				}
			}
			return nil
		})
	})
}

// measureBatch sends a batch through the net after n passes, and says how many there are now.
func (t *trainer) measureBatch(s *torch.Scope, b batch, n int) int {
	s.NoGrad(func() {
		for _, part := range t.microBatches(s, b, t.nextBatch(s, b)) {
			n++
			s.Inner(func(inner *torch.Scope) torch.Tensor {
				p := &torch.Pass{Scope: inner, Train: true, Measure: n, Seed: stage.Hash(t.env.Seed, "statistics", t.epoch, n), Covariates: part.covariates}
				return t.forward(p, part.images_BCHW)
			})
		}
	})
	return n
}

// Measured is how many of the images that an epoch of the phase draws go through the net once more, for the
// statistics of batch-norm, if these move.
func (c Config) Measured(p Phase, epoch, drawn int) int {
	free, is := c.ScheduleFree(p)
	switch {
	case p.BatchNorm == "frozen":
		return 0
	case is && free.Statistics > 0:
		return min(drawn, free.Statistics*c.BatchSize())
	case is, c.SWA != nil && c.SWA.Averages(p, epoch):
		return drawn
	}
	return 0
}
