package train

import (
	"context"
	"errors"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Embed gives what the last layer of a net sees of some images, each by its first case, in inference
// mode and without test-time augmentation: features_F of each.
func Embed(ctx context.Context, env stage.Env, cfg Config, net *model.Net, images *preprocess.Images, items []int) (features [][]float32, err error) {
	if len(items) == 0 {
		return nil, nil
	}
	t := &trainer{env: env, cfg: cfg, net: net, images: images, phase: cfg.Phases[len(cfg.Phases)-1]}
	if err := net.Compute(ctx, env, cfg.Compute); err != nil {
		return nil, err
	}
	if t.feed, err = openFeed(ctx, env, net, images, cfg.BatchSize()); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	numbers, err := t.answers(ctx, batches(items, cfg.BatchSize(), 1), func(s *torch.Scope, _ []int) torch.Tensor {
		return t.net.Penultimate(&torch.Pass{Scope: s}, t.feed.next(s))
	})
	if err != nil {
		return nil, cfg.memory(err)
	}
	width := len(numbers) / len(items)
	for i := range items {
		row := make([]float32, width)
		for k := range row {
			row[k] = float32(numbers[i*width+k])
		}
		features = append(features, row)
	}
	return features, nil
}
