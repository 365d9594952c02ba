package train

import (
	"errors"
	"fmt"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// automaticBatch is the batch where the experiment leaves it to the program. It does
// not follow the device: what is trained would then depend on it.
const automaticBatch = 32

// BatchSize is how many images make one optimizer step.
func (c Config) BatchSize() int {
	if c.Batch == registry.Auto {
		return automaticBatch
	}
	return int(c.Batch)
}

// Splits says whether batches are computed in parts where the device has no memory
// for them as a whole.
func (c Config) Splits() bool {
	return (c.Batch == registry.Auto || c.Accumulate == registry.Auto) && c.Divisible()
}

// parts is how many micro-batches make a batch: as the experiment says, or as many as
// it took.
func (t *trainer) parts() int { return max(1, int(t.cfg.Accumulate), t.state.Parts) }

// backward computes loss and gradients of a batch. Where the device has no memory for
// it, it does so again without recorded passes, and where the experiment allows in twice as
// many parts, as if nothing had happened: batch-norm statistics and hits are set back.
func (t *trainer) backward(s *torch.Scope, b batch, seen augment.Augmented, updates []torch.Update, sum *tally) (loss float64, err error) {
	before := t.remember(s, sum, len(b.samples))
	for {
		s.ClearGrads(leaves(updates))
		err := s.Try(func(s *torch.Scope) { loss = t.passes(s, b, seen, sum) })
		if err == nil {
			return loss, s.Err()
		}
		if !errors.Is(err, torch.ErrOutOfMemory) || before == nil || !t.giveUpGraph(s) && !t.splitBatches(s) {
			return 0, err
		}
		restoreAll(s, before)
	}
}

// splitBatches lets batches be computed in twice as many parts, if the experiment allows.
func (t *trainer) splitBatches(s *torch.Scope) bool {
	parts := min(2*t.parts(), t.cfg.BatchSize())
	if !t.cfg.Splits() || parts == t.parts() {
		return false
	}
	t.state.Parts = parts
	t.dropGraph(s)
	if s.Device().CUDA {
		s.EmptyCache()
	}
	return true
}

// passes goes through the net with one micro-batch after the other. The losses are
// read when the device has all of the passes, so that it never waits for the host.
func (t *trainer) passes(s *torch.Scope, b batch, seen augment.Augmented, sum *tally) (loss float64) {
	var losses []torch.Watch
	for i, part := range t.microBatches(s, b, seen) {
		losses = append(losses, t.gradients(s, part, i, sum))
		if s.Err() != nil {
			break
		}
	}
	for _, w := range losses {
		loss += w.Value()
	}
	return loss
}

// memo is a tensor and what it held.
type memo struct{ at, value torch.Tensor }

func restoreAll(s *torch.Scope, memos []memo) {
	for _, m := range memos {
		s.Copy(m.at, m.value)
	}
}

// remember notes what the passes of a batch of n images change, where they may have to be
// done again; nil where not.
func (t *trainer) remember(s *torch.Scope, sum *tally, n int) []memo {
	if !t.cfg.Splits() && !t.besideGraph(n) {
		return nil
	}
	return append(t.statistics(s), memo{sum.hits, s.Clone(sum.hits)})
}

// statistics notes those of batch-norm that a pass in training moves.
func (t *trainer) statistics(s *torch.Scope) (out []memo) {
	for _, p := range t.net.Store.Parameters {
		if p.Moves {
			out = append(out, memo{p.Tensor, s.Clone(p.Tensor)})
		}
	}
	return out
}

// partsEvent says that batches are computed in more parts than before.
func (t *trainer) partsEvent() stage.Event {
	return stage.Event{Level: "warning", Stage: "train", Text: fmt.Sprintf(
		"phase %s, epoch %d, step %d: the device has no memory for a batch of %d images at once; from here on each is computed in %d parts, "+
			"whose gradients add up to the batch's. Trained batch-norm layers see the parts", t.phase.Name, t.epoch, t.step, t.cfg.BatchSize(), t.state.Parts)}
}

// memory adds what to do to an error of a device whose memory is full.
func (c Config) memory(err error) error {
	if !errors.Is(err, torch.ErrOutOfMemory) {
		return err
	}
	err = stage.Failure{What: stage.OutOfMemory, Err: err}
	more := "; or let train.compute: {recompute: true} keep less of each image, for more time"
	if c.Compute.Recompute {
		more = ""
	}
	batch, views := c.BatchSize(), 1
	if l, ok := c.Loss.Part.(SelfSupervised); ok {
		views = l.Views()
	}
	parts := min(2*max(1, int(c.Accumulate)), batch)
	switch {
	case batch < 4*views && views > 1, batch < 2, c.Divisible() && int(c.Accumulate) == batch:
		return stage.Fault{Err: err, Hint: "not even one image at a time fits: make the images smaller, or take a smaller backbone or a device with more memory" + more}
	case c.Splits():
		return stage.Fault{Err: err, Hint: fmt.Sprintf("set %s to %d: smaller parts of a batch did not help", c.in("batch"), batch/2) + more}
	case c.Divisible():
		return stage.Fault{Err: err, Hint: fmt.Sprintf("set %s to %d, or keep it at %d and set %s to %d, or to auto", c.in("batch"), batch/2, batch, c.in("accumulate"), parts) + more}
	}
	return stage.Fault{Err: err, Hint: fmt.Sprintf("set %s to %d; the loss %s looks at a batch as a whole, so it cannot be computed in parts", c.in("batch"), batch/2/views, c.Loss.Name) + more}
}
