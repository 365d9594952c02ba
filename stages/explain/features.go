package explain

import (
	"context"
	"errors"
	"math"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// Features are what the last layer of the net as it is sees of each image, in inference mode
// and without test-time augmentation: features_F, with the case that the image is of, or with
// several targets the first of them. They come in the order of the cases.
func (x Subject) Features(ctx context.Context, each func(of stage.Case, features_F []float32) error) error {
	var items []item
	for _, first := range x.Images.Firsts() {
		items = append(items, item{image: first})
	}
	return x.features(ctx, items, func(of item, features_F []float32) error {
		return each(x.Images.Cases[of.image], features_F)
	})
}

// features asks the net about the images of items.
func (x Subject) features(ctx context.Context, items []item, each func(of item, features_F []float32) error) error {
	for part := range slices.Chunk(items, atOnce(x.Net.Task)) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		features_BF, err := x.penultimate(ctx, part)
		if err != nil {
			return err
		}
		width := len(features_BF) / len(part)
		for i, of := range part {
			if err := each(of, features_BF[i*width:(i+1)*width]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x Subject) penultimate(ctx context.Context, part []item) (features_BF []float32, err error) {
	err = x.Net.Engine().Do(ctx, func(s *torch.Scope) error {
		p := &torch.Pass{Scope: s, Covariates: x.covariates(s, part)}
		s.NoGrad(func() { features_BF = s.Float32s(x.Net.Penultimate(p, x.pixels(s, part))) })
		return s.Err()
	})
	if err == nil && slices.ContainsFunc(features_BF, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) }) {
		err = stage.Fault{Err: errors.New("what the last layer sees of some images is no finite number"), Hint: "the weights are no use, or need a precision of more range: train with compute: {precision: fp32}"}
	}
	return features_BF, err
}
