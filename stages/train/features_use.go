package train

import (
	"context"
	"fmt"
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// useFeatures puts features in place of images where the phase allows it, and makes
// those of the epoch's view. They are computed in the order of the images and not of
// an epoch, so a training that goes on from a checkpoint computes the same.
func (t *trainer) useFeatures(ctx context.Context) error {
	layers := t.net.Fixed()
	if t.features != nil && t.features.plan.Layers != layers {
		if err := t.dropFeatures(); err != nil {
			return err
		}
	}
	if t.features == nil {
		if err := t.newFeatures(ctx, layers); err != nil || t.features == nil {
			return err
		}
	}
	f := t.features
	f.view = (t.epoch - t.state.Before - 1) % f.plan.Views
	for view := len(f.mirrored); view <= f.view; view++ {
		if err := t.computeView(ctx, view); err != nil {
			return err
		}
	}
	t.feed = f
	return nil
}

// newFeatures begins with features where the phase allows it and there is room.
func (t *trainer) newFeatures(ctx context.Context, layers int) error {
	training, validation := indices(t.images, stage.Train), indices(t.images, stage.Validation)
	decide := func(numbers int) FeaturePlan {
		return t.cfg.PlanFeatures(t.phase, t.augment, layers, numbers, len(training), len(validation))
	}
	if t.noRoom || decide(0).Views == 0 {
		return nil
	}
	shape, err := t.featureShape(ctx, layers)
	if err != nil {
		return err
	}
	plan := decide(torch.Info{Shape: shape}.Elements())
	if plan.Views == 0 {
		return nil
	}
	f := &featureFeed{plan: plan, place: map[int]int{}, trained: map[int]bool{}, checks: len(validation), count: len(training)}
	for i, item := range validation {
		f.place[item] = i
	}
	for i, item := range training {
		f.place[item], f.trained[item] = i, true
	}
	where, err := f.open(ctx, t, shape)
	if err != nil {
		t.noRoom = true
		return t.recordEvent(ctx, "warning", "phase %s: what lies before %s is computed in every epoch: %v", t.phase.Name, t.firstChanged(), err)
	}
	t.features, t.pixels = f, t.feed
	if err := t.computeFeatures(ctx, validation, 0); err != nil {
		return err
	}
	return t.recordEvent(ctx, "info", "phase %s: what lies before %s stays as it is; its outputs are computed once, for %s of %d images and %d of validation: %.3g MB %s",
		t.phase.Name, t.firstChanged(), views(plan.Views), len(training), len(validation), float64(plan.Bytes)/1e6, where)
}

// firstChanged is the first layer that the phase changes.
func (t *trainer) firstChanged() string { return t.net.FirstChanged(model.LayerNames(t.net.Groups)) }

func (t *trainer) recordEvent(ctx context.Context, level, format string, values ...any) error {
	return t.env.Recorder.Record(ctx, stage.Event{Level: level, Stage: "train", Text: fmt.Sprintf(format, values...)})
}

func views(n int) string {
	if n == 1 {
		return "1 view"
	}
	return fmt.Sprintf("%d views", n)
}

// dropFeatures goes back to images.
func (t *trainer) dropFeatures() error {
	if t.features == nil {
		return nil
	}
	t.feed = t.pixels
	err := t.features.close()
	t.features, t.pixels = nil, nil
	return err
}

// forward makes logits_BO of what the feed gave: images, or features.
func (t *trainer) forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	if t.features != nil {
		return t.net.FromFeatures(p, x, t.features.plan.Layers)
	}
	return t.net.Forward(p, x)
}

// nextBatch gives the next batch as the net is to see it.
func (t *trainer) nextBatch(s *torch.Scope, b batch) augment.Augmented {
	x := t.feed.next(s)
	t.watch.lap(s, ofData)
	if t.features != nil {
		return augment.Augmented{Images_BCHW: x, Mirrored: slices.Clone(t.features.current)}
	}
	return t.augment.Apply(s, augment.Batch{
		Images_BCHW: x, Samples: b.samples, Channels: t.channels, Slices: t.images.Slices(), Seen: t.net.Input().MiddleSlices, Colours: t.images.InColour(), Where: t.saysWhere(),
		Seed: t.env.Seed, Epoch: t.phase.shown(t.state.Before, t.epoch), Step: t.step,
	})
}
