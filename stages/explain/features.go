package explain

import (
	"context"
	"errors"
	"math"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// features are what the last layer of the net as it is sees of the items' images,
// features_BF, in inference mode and without test-time augmentation.
func (x Subject) features(ctx context.Context, items []item) (features [][]float32, err error) {
	for part := range slices.Chunk(items, atOnce(x.Net.Task)) {
		err := x.Net.Engine().Do(ctx, func(s *torch.Scope) error {
			p := &torch.Pass{Scope: s, Covariates: x.covariates(s, part)}
			var values []float32
			s.NoGrad(func() { values = s.Float32s(x.Net.Penultimate(p, x.pixels(s, part))) })
			if err := s.Err(); err != nil {
				return err
			}
			for row := range slices.Chunk(values, len(values)/len(part)) {
				features = append(features, row)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, row := range features {
		if slices.ContainsFunc(row, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) }) {
			return nil, stage.Fault{Err: errors.New("what the last layer sees of some images is no finite number"), Hint: "lower the rate, or compute in fp32"}
		}
	}
	return features, nil
}
