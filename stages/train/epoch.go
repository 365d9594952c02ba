package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// tally is the running mean of loss and accuracy over an epoch. Hits are counted
// on the device and read when the epoch is over: reading waits for the device.
type tally struct {
	images  int
	answers int // as many as images, where one is asked of each
	loss    float64
	hits    torch.Tensor // one int64; lives in a scope of the epoch
}

// trainEpoch trains once through the data. Its loss and accuracy are running means
// over the epoch, with augmentation and dropout on.
func (t *trainer) trainEpoch(ctx context.Context, h History) ([]stage.Scalar, error) {
	order := t.order()
	all, times := batches(order, t.cfg.BatchSize(), t.leastBatch()), repeats(order)
	h.StepsPerEpoch = len(all)
	if t.state.Batch > len(all) {
		return nil, fmt.Errorf("the checkpoint is in batch %d, an epoch has %d", t.state.Batch, len(all))
	}
	start := t.env.Now()
	if err := t.useFeatures(ctx); err != nil {
		return nil, err
	}
	t.feed.begin(all[t.state.Batch:])
	sum, free, err := t.newTally(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	t.watch.startEpoch(t.env.Now, len(all)-t.state.Batch)
	for i := t.state.Batch; i < len(all); i++ {
		if cause := context.Cause(ctx); cause != nil {
			return nil, errors.Join(cause, t.noteSums(ctx, sum, start))
		}
		h.Step = (h.Epoch-1)*h.StepsPerEpoch + i + 1
		if err := t.takeStep(ctx, h, t.batch(all[i], times[i*t.cfg.BatchSize():]), sum); err != nil {
			return nil, fmt.Errorf("phase %s, epoch %d, step %d: %w", t.phase.Name, t.epoch, t.step, err)
		}
		t.state.Batch = i + 1
		t.progress(i+1, len(all), sum)
		if now := t.env.Now(); i+1 < len(all) && t.cfg.Checkpoints.due(t.step, now.Sub(t.saved)) {
			if err := errors.Join(t.noteSums(ctx, sum, start), t.save(context.WithoutCancel(ctx), "last")); err != nil {
				return nil, err
			}
			start = now
		}
	}
	if err := t.noteSums(ctx, sum, start); err != nil {
		return nil, err
	}
	h.Step = h.Epoch * h.StepsPerEpoch
	return append(t.otherRates(h), t.trainingScalars()...), nil
}

// trainingScalars are loss and accuracy of the epoch that is over.
func (t *trainer) trainingScalars() []stage.Scalar {
	n := float64(t.state.Answers)
	return []stage.Scalar{
		{Name: "loss", Title: "Loss", Series: "train", Value: float64(t.state.Loss) / n, Better: stage.LowerBetter},
		{Name: "accuracy", Title: "Accuracy", Series: "train", Value: float64(t.state.Hits) / n, Better: stage.HigherBetter},
	}
}

// otherRates are the learning rates of groups that have an optimizer of their own.
func (t *trainer) otherRates(h History) (out []stage.Scalar) {
	for _, group := range slices.Sorted(maps.Keys(t.phase.Optimizers)) {
		base, _ := t.phase.Optimizers[group].Part.Settings()
		out = append(out, stage.Scalar{Name: "learning_rate", Title: "Learning rate", Series: group, Value: t.schedule().Rate(base, h)})
	}
	return out
}

// takeStep does the next step, which is not cut short, and says when it took more parts
// than before.
func (t *trainer) takeStep(ctx context.Context, h History, b batch, sum *tally) error {
	t.step++
	t.rate = t.schedule().Rate(t.cfg.RateOf(t.phase), h)
	updates, parts, graphless := t.updates(h), t.parts(), t.graphs.off
	err := t.net.Engine().Do(context.WithoutCancel(ctx), func(s *torch.Scope) error { return t.oneStep(s, b, updates, sum) })
	if err != nil {
		return t.cfg.memory(err)
	}
	if t.graphs.off && !graphless {
		err = t.recordNoGraph(ctx)
	}
	if t.parts() > parts {
		return errors.Join(err, t.env.Recorder.Record(context.WithoutCancel(ctx), t.partsEvent()))
	}
	return errors.Join(err, t.recordFirstStep(context.WithoutCancel(ctx)), t.recordGraph(context.WithoutCancel(ctx)))
}

// recordFirstStep says how long it took until the first step of this process was done:
// the device was started, images were brought there, algorithms were chosen.
func (t *trainer) recordFirstStep(ctx context.Context) error {
	if t.began.IsZero() {
		return nil
	}
	seconds := t.env.Now().Sub(t.began).Seconds()
	t.began = time.Time{}
	return t.env.Recorder.Record(ctx, stage.Fact{Name: "first step", Value: fmt.Sprintf("%.2f s after training began", seconds)})
}

// noteSums notes the sums of the epoch so far, with which it can go on later.
func (t *trainer) noteSums(ctx context.Context, sum *tally, start time.Time) error {
	t.state.Images, t.state.Answers, t.state.Loss = sum.images, sum.answers, number(sum.loss)
	t.state.Seconds += number(t.env.Now().Sub(start).Seconds())
	return t.net.Engine().Do(context.WithoutCancel(ctx), func(s *torch.Scope) error {
		t.state.Hits = int64(s.Float64(sum.hits))
		return s.Err()
	})
}

// newTally makes a tally of what the epoch has had so far, and what frees it.
func (t *trainer) newTally(ctx context.Context) (sum *tally, free func(), err error) {
	var scope *torch.Scope
	sum = &tally{images: t.state.Images, answers: t.state.Answers, loss: float64(t.state.Loss)}
	err = t.net.Engine().Do(context.WithoutCancel(ctx), func(s *torch.Scope) error {
		scope = s.Long()
		sum.hits = s.Move(s.Zeros(torch.Int64, 1), scope)
		s.Fill(sum.hits, float64(t.state.Hits))
		return s.Err()
	})
	return sum, func() {
		_ = t.net.Engine().Do(context.WithoutCancel(ctx), func(*torch.Scope) error { scope.Free(); return nil })
	}, err
}

func (t *trainer) progress(done, total int, sum *tally) {
	t.env.Recorder.Progress(stage.Progress{
		Stage: "train", Label: fmt.Sprintf("%s, epoch %d", t.phase.Name, t.epoch), Done: done, Total: total, Unit: "steps",
		Note: fmt.Sprintf("loss %.4f", sum.loss/float64(sum.answers)),
	})
}
