package pretrain

import (
	"cmp"
	"context"
	"math"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
)

// How neighbours vote: as in DINO's eval_knn (Caron et al. 2021), after Wu, Xiong, Yu and Lin 2018,
// Unsupervised Feature Learning via Non-Parametric Instance Discrimination, section 3.4.
const (
	mostNeighbours = 20
	temperature    = 0.07
)

// mostTaught is how many labelled training images are asked at most, evenly spread over all: each
// image of validation is held against every one.
const mostTaught = 20000

// answered are images with what one target of them is.
type answered struct {
	features [][]float32 // of length 1
	labels   []int
}

// vote says what the most similar training images make of each other image: their classes, each with
// the weight exp(cosine / temperature), added up. Of equal classes it is the first.
func vote(taught answered, cosines_M []float32, classes int) int {
	order := make([]int, len(cosines_M))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(cosines_M[b], cosines_M[a]), a-b) })
	votes := make([]float64, classes)
	for _, i := range order[:min(mostNeighbours, len(order))] {
		votes[taught.labels[i]] += math.Exp(float64(cosines_M[i]) / temperature)
	}
	return slices.Index(votes, slices.Max(votes))
}

// balancedAccuracy is the mean over the classes that occur of the share of their images that
// neighbours call so (sklearn.metrics.balanced_accuracy_score).
func balancedAccuracy(labels, said []int, classes int) float64 {
	right, all := make([]float64, classes), make([]float64, classes)
	for i, label := range labels {
		if all[label]++; said[i] == label {
			right[label]++
		}
	}
	sum, occur := 0.0, 0.0
	for k, n := range all {
		if n > 0 {
			sum, occur = sum+right[k]/n, occur+1
		}
	}
	return sum / occur
}

// neighbours asks the training images about others.
func neighbours(ctx context.Context, net *model.Net, taught, others answered, classes int) (said []int, err error) {
	width, m := int64(len(taught.features[0])), int64(len(taught.features))
	const atOnce = 256
	for part := range slices.Chunk(others.features, atOnce) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := net.Engine().Do(ctx, func(s *torch.Scope) error {
			s.NoGrad(func() {
				known_FM := s.Transpose(s.FromFloat32(slices.Concat(taught.features...), m, width), 0, 1)
				cosines := s.Float32s(s.MatMul(s.FromFloat32(slices.Concat(part...), int64(len(part)), width), known_FM))
				for i := 0; i < len(part) && s.Err() == nil; i++ {
					said = append(said, vote(taught, cosines[i*int(m):(i+1)*int(m)], classes))
				}
			})
			return s.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	return said, nil
}

// normalised scales features to the length 1; those of length 0 stay.
func normalised(features_F []float32) []float32 {
	sum := 0.0
	for _, v := range features_F {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return features_F
	}
	out := make([]float32, len(features_F))
	for i, v := range features_F {
		out[i] = float32(float64(v) / math.Sqrt(sum))
	}
	return out
}
