package train

import (
	"context"
	"fmt"
	"math"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// tally is the running mean of loss and accuracy over an epoch.
type tally struct {
	images, right int
	loss          float64
}

func (a *tally) add(probabilities []float64, targets []int64, loss float64) {
	k := len(probabilities) / len(targets)
	for i, target := range targets {
		if largest(probabilities[i*k:(i+1)*k]) == int(target) {
			a.right++
		}
	}
	a.images += len(targets)
	a.loss += loss * float64(len(targets))
}

func largest(v []float64) int {
	at := 0
	for i := range v {
		if v[i] > v[at] {
			at = i
		}
	}
	return at
}

// fit trains once through the data. Its loss and accuracy are running means
// over the epoch, with augmentation and dropout on.
func (t *trainer) fit(ctx context.Context, h History) ([]stage.Scalar, error) {
	order := t.sampler.Epoch(t.epoch)
	all := batches(order, t.cfg.Batch, true)
	h.StepsPerEpoch = len(all)
	var sum tally
	for i, items := range all {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		t.step++
		h.Step = (h.Epoch-1)*h.StepsPerEpoch + i + 1
		t.rate = t.schedule().Rate(t.baseRate(), h)
		updates := t.updates(t.rate)
		b := gather(t.images, items)
		err := t.net.Engine().Do(ctx, func(s *torch.Scope) error { return t.oneStep(s, b, updates, &sum) })
		if err != nil {
			return nil, fmt.Errorf("phase %s, epoch %d, step %d: %w", t.phase.Name, t.epoch, t.step, err)
		}
		t.progress(i+1, len(all), sum)
	}
	n := float64(sum.images)
	return []stage.Scalar{
		{Name: "loss", Title: "Loss", Series: "train", Value: sum.loss / n, Better: stage.LowerBetter},
		{Name: "accuracy", Title: "Accuracy", Series: "train", Value: float64(sum.right) / n, Better: stage.HigherBetter},
	}, nil
}

// oneStep is forward, backward and update. A loss that is not finite stops it
// before the weights change.
func (t *trainer) oneStep(s *torch.Scope, b batch, updates []torch.Update, sum *tally) error {
	images_BCHW := t.pixels(s, b)
	images_BCHW = t.augment.Batch(s, images_BCHW, t.env.Seed, t.epoch, b.samples)
	pass := &torch.Pass{Scope: s, Train: true, Seed: stage.Hash(t.env.Seed, "dropout", t.step)}
	logits_BK := t.net.Forward(pass, images_BCHW)
	loss := t.cfg.Loss.Part.Of(s, logits_BK, t.targets(s, b))
	value := s.Float64(loss)
	if s.Err() == nil && (math.IsNaN(value) || math.IsInf(value, 0)) {
		return stage.Fault{
			Err:  fmt.Errorf("the loss is %v; the weights were not updated", value),
			Hint: "lower the learning rate (train.optimizer or the phase's rate), or look at the input's mean and spread in the report",
		}
	}
	leaves := make([]torch.Tensor, len(updates))
	for i, u := range updates {
		leaves[i] = u.Parameter.Tensor
	}
	s.ClearGrads(leaves)
	s.Backward(loss)
	t.optimizer.Step(s, updates)
	s.NoGrad(func() {
		if probabilities := s.Float64s(t.cfg.Probabilities(s, logits_BK)); s.Err() == nil {
			sum.add(probabilities, b.targets, value)
		}
	})
	return s.Err()
}

func (t *trainer) pixels(s *torch.Scope, b batch) torch.Tensor {
	shape := t.images.Shape()
	return s.Pixels(b.pixels, torch.PixelFormat{
		Channels: shape.Channels, Height: shape.Height, Width: shape.Width,
		BytesPerPixel: t.images.BytesPerPixel(), Scale: t.images.Scale(),
	})
}

func (t *trainer) updates(rate float64) []torch.Update {
	_, decay := t.cfg.Optimizer.Part.Settings()
	var out []torch.Update
	for _, p := range t.net.Store.Parameters {
		if p.Trainable {
			out = append(out, torch.Update{Parameter: p, Rate: rate, WeightDecay: decay})
		}
	}
	return out
}

func (t *trainer) targets(s *torch.Scope, b batch) Targets {
	return Targets{
		Labels_B: s.FromInt64(b.targets, int64(len(b.targets))), ClassWeights_K: t.classWeights(s),
		Counts_K: t.counts, Groups_B: b.groups, Tags_B: b.tags,
	}
}

func (t *trainer) classWeights(s *torch.Scope) torch.Tensor {
	return perClass(s, t.cfg.Balance.weightsOf(t.images.Classes, t.counts, t.epoch))
}

func (t *trainer) progress(done, total int, sum tally) {
	t.env.Recorder.Progress(stage.Progress{
		Stage: "train", Label: fmt.Sprintf("%s, epoch %d", t.phase.Name, t.epoch), Done: done, Total: total, Unit: "steps",
		Note: fmt.Sprintf("loss %.4f, accuracy %.3f", sum.loss/float64(sum.images), float64(sum.right)/float64(sum.images)),
	})
}
