package train

import (
	"context"
	"fmt"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Preview records what the net will see: a few training images, each in several
// epochs' augmentation.
func Preview(ctx context.Context, env stage.Env, cfg Config, net *model.Net, images *preprocess.Images, recipe augment.Config) error {
	if len(recipe) == 0 {
		return nil
	}
	const cases, epochs = 4, 5
	train := indices(images, stage.Train)
	gallery := stage.Gallery{Name: "augmented", Title: "Augmented images, as the net sees them in its first epochs" + images.InViews(), Section: "data"}
	t := &trainer{env: env, images: images, feed: &mapped{images: images}}
	names := namesOf(images)
	sides, _ := names.Sides() // whatever is wrong is told when training begins
	t.channels = channelsOf(names, images.Shape().Channels, sides)
	for i := range min(cases, len(train)) {
		item := train[i*len(train)/min(cases, len(train))]
		for epoch := 1; epoch <= min(epochs, cfg.epochs()); epoch++ {
			picture, err := t.sample(ctx, net, recipe, item, cfg.shownEpoch(epoch))
			if err != nil {
				return err
			}
			c := images.Cases[item]
			caption := fmt.Sprintf("epoch %d · %s · %s", epoch, images.Classes[c.Label], c.ID)
			if len(images.Targets) > 0 {
				caption = fmt.Sprintf("epoch %d · %s", epoch, c.Sample)
			}
			gallery.Pictures = append(gallery.Pictures, stage.Picture{Caption: caption, PNG: picture})
		}
	}
	return env.Recorder.Record(ctx, gallery)
}

func (t *trainer) sample(ctx context.Context, net *model.Net, recipe augment.Config, item, epoch int) ([]byte, error) {
	var pixels []float32
	b := describe(t.images, []int{item}, nil)
	t.feed.begin([][]int{{item}})
	err := net.Engine().Do(ctx, func(s *torch.Scope) error {
		s.NoGrad(func() {
			pixels = s.Float32s(net.Input().Crop(s, recipe.Apply(s, augment.Batch{
				Images_BCHW: t.feed.next(s), Samples: b.samples, Channels: t.channels, Slices: t.images.Slices(), Seen: net.Input().MiddleSlices, Colours: t.images.InColour(), Seed: t.env.Seed, Epoch: epoch,
			}).Images_BCHW, t.images.Slices()))
		})
		return s.Err()
	})
	if err != nil {
		return nil, err
	}
	return preprocess.Thumbnail(pixels, net.Input().Seen(t.images.Shape(), t.images.Slices()), len(t.images.Views), t.images.InColour())
}
