package train

import (
	"context"
	"errors"
	"fmt"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// featureFeed gives what the fixed layers of a phase make of images, in place of
// the images. Validation comes first among the rows, then one view of the training
// images after the other, each when it is first shown.
type featureFeed struct {
	plan    FeaturePlan
	rows    featureRows
	place   map[int]int // of an image among those of its split
	trained map[int]bool
	checks  int       // validation images
	count   int       // training images
	labels  [][]int64 // by view and place: a mirrored image may have another label
	view    int
	batches [][]int
	current []int64 // labels of the batch that next gave
}

func (f *featureFeed) begin(batches [][]int) { f.batches = batches }

func (f *featureFeed) next(s *torch.Scope) torch.Tensor {
	items := f.batches[0]
	f.batches = f.batches[1:]
	rows := make([]int, len(items))
	f.current = f.current[:0]
	for i, item := range items {
		rows[i] = f.place[item]
		if f.trained[item] {
			f.current = append(f.current, f.labels[f.view][rows[i]])
			rows[i] += f.checks + f.view*f.count
		}
	}
	return f.rows.take(s, rows)
}

func (f *featureFeed) close() error { return f.rows.close() }

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
	f.view = (t.epoch - t.at.Before - 1) % f.plan.Views
	for view := len(f.labels); view <= f.view; view++ {
		if err := t.computeView(ctx, view); err != nil {
			return err
		}
	}
	t.feed = f
	return nil
}

func (t *trainer) newFeatures(ctx context.Context, layers int) error {
	training, validation := indices(t.images, stage.Train), indices(t.images, stage.Validation)
	shape, err := t.featureShape(ctx, layers)
	if err != nil {
		return err
	}
	plan := t.cfg.PlanFeatures(t.phase, t.augment, layers, torch.Info{Shape: shape}.Elements(), len(training), len(validation))
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
		return fmt.Errorf("features of layers that stay as they are: %w", err)
	}
	t.features, t.pixels = f, t.feed
	if err := t.computeFeatures(ctx, validation, 0); err != nil {
		return err
	}
	text := fmt.Sprintf("phase %s: what lies before %s stays as it is; its outputs are computed once, for %s of %d images and %d of validation: %.3g MB %s",
		t.phase.Name, t.net.FirstChanged(model.LayerNames(t.net.Groups)), views(plan.Views), len(training), len(validation), float64(plan.Bytes)/1e6, where)
	return t.env.Recorder.Record(ctx, stage.Event{Level: "info", Stage: "train", Text: text})
}

func views(n int) string {
	if n == 1 {
		return "1 view"
	}
	return fmt.Sprintf("%d views", n)
}

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

// open reserves room: on the device if it has enough, else in memory or a file.
func (f *featureFeed) open(ctx context.Context, t *trainer, shape []int64) (where string, err error) {
	n := f.checks + f.plan.Views*f.count
	if t.net.Engine().Device().CUDA {
		err = t.net.Engine().Do(ctx, func(s *torch.Scope) error {
			facts, err := s.Facts()
			if err == nil && float64(f.plan.Bytes) <= residentShare*float64(facts.Free) {
				f.rows = newDeviceRows(s, n, shape)
			}
			return errors.Join(err, s.Err())
		})
		if err != nil || f.rows != nil {
			return "on the device", err
		}
	}
	where = "in memory"
	if f.plan.File {
		where = "in a file"
	}
	f.rows, err = newHostRows(n, shape, f.plan.File, t.env.Cache)
	return where, err
}

// computeView computes one view of all training images.
func (t *trainer) computeView(ctx context.Context, view int) error {
	t.features.labels = append(t.features.labels, nil)
	return t.computeFeatures(ctx, indices(t.images, stage.Train), t.at.Before+1+view)
}

// computeFeatures sends images through the fixed layers; those of training get the
// augmentation of an epoch.
func (t *trainer) computeFeatures(ctx context.Context, items []int, epoch int) error {
	f, all := t.features, batches(items, t.cfg.BatchSize(), false)
	t.pixels.begin(all)
	for done, part := range all {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		b := describe(t.images, part)
		err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
			s.NoGrad(func() {
				p, seen := &torch.Pass{Scope: s, Train: epoch > 0}, augment.Augmented{Images_BCHW: t.pixels.next(s)}
				if p.Train {
					seen = t.augment.Apply(s, augment.Batch{
						Images_BCHW: seen.Images_BCHW, Samples: b.samples, Labels: b.targets, Mirror: t.mirror, Seed: t.env.Seed, Epoch: epoch,
					})
					f.labels[len(f.labels)-1] = append(f.labels[len(f.labels)-1], seen.Labels...)
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

// see gives the next batch as the net is to see it.
func (t *trainer) see(s *torch.Scope, b batch) augment.Augmented {
	x := t.feed.next(s)
	t.watch.lap(s, ofData)
	if t.features != nil {
		return augment.Augmented{Images_BCHW: x, Labels: append([]int64{}, t.features.current...)}
	}
	return t.augment.Apply(s, augment.Batch{
		Images_BCHW: x, Samples: b.samples, Labels: b.targets, Mirror: t.mirror,
		Seed: t.env.Seed, Epoch: t.phase.shown(t.at.Before, t.epoch), Step: t.step,
	})
}
