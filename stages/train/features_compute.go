package train

import (
	"context"
	"fmt"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// featureShape is that of one image's features.
func (t *trainer) featureShape(ctx context.Context, layers int) (shape []int64, err error) {
	if layers == 0 {
		return nil, nil
	}
	size := t.images.Shape()
	err = t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		image := s.Zeros(torch.Float32, 1, int64(size.Channels), int64(size.Height), int64(size.Width))
		s.NoGrad(func() { shape = s.Describe(t.net.Features(&torch.Pass{Scope: s}, image, layers)).Shape })
		return s.Err()
	})
	if err != nil {
		return nil, err
	}
	return shape[1:], nil
}

// computeView computes one view of all training images.
func (t *trainer) computeView(ctx context.Context, view int) error {
	t.features.mirrored = append(t.features.mirrored, nil)
	return t.computeFeatures(ctx, indices(t.images, stage.Train), t.state.Before+1+view)
}

// computeFeatures sends images through the fixed layers; those of training get the
// augmentation of an epoch.
func (t *trainer) computeFeatures(ctx context.Context, items []int, epoch int) error {
	f, all := t.features, batches(items, t.cfg.BatchSize(), 1)
	t.pixels.begin(all)
	for done, part := range all {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		b := describe(t.images, part, nil)
		err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
			s.NoGrad(func() {
				p, seen := &torch.Pass{Scope: s, Train: epoch > 0}, augment.Augmented{Images_BCHW: t.pixels.next(s)}
				if p.Train {
					seen = t.augment.Apply(s, augment.Batch{
						Images_BCHW: seen.Images_BCHW, Samples: b.samples, Channels: t.channels, Slices: t.images.Slices(), Seen: t.net.Input().MiddleSlices, Colours: t.images.InColour(), Seed: t.env.Seed, Epoch: epoch,
					})
					if seen.Mirrored == nil {
						seen.Mirrored = make([]bool, len(part))
					}
					f.mirrored[len(f.mirrored)-1] = append(f.mirrored[len(f.mirrored)-1], seen.Mirrored...)
				}
				f.rows.add(s, t.net.Features(p, seen.Images_BCHW, f.plan.Layers))
			})
			return s.Err()
		})
		if err != nil {
			return fmt.Errorf("phase %s, features: %w", t.phase.Name, t.cfg.memory(err))
		}
		t.env.Recorder.Progress(stage.Progress{Stage: "train", Label: t.phase.Name + ", features", Done: done + 1, Total: len(all), Unit: "batches"})
	}
	return nil
}
