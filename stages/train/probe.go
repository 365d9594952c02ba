package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// probes is how many images a net is probed with.
const probes = 2

// Probe gives the logits_BO of a net for a few images of noise, one image after the other, in
// fp32 and as outside training. The noise is the same everywhere: whoever keeps the logits
// with the weights sees later, on another device and with another program, whether the net
// still computes what it did (Differ).
func Probe(ctx context.Context, net *model.Net, shape preprocess.Shape) (logits []float32, err error) {
	n, width := probes*shape.Channels*shape.Height*shape.Width, len(net.Task.Covariates.Columns())
	numbers := noise(n + probes*width)
	err = net.Engine().Do(ctx, func(s *torch.Scope) error {
		s.NoGrad(func() {
			net.In(s, torch.FP32, func() {
				images_BCHW := s.FromFloat32(numbers[:n], probes, int64(shape.Channels), int64(shape.Height), int64(shape.Width))
				logits = s.Float32s(net.Forward(&torch.Pass{Scope: s, Covariates: net.CovariateInput(s, slices.Collect(slices.Chunk(numbers[n:], max(1, width))))}, images_BCHW))
			})
		})
		return s.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("answering images of noise: %w", err)
	}
	for _, v := range logits {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, stage.Fault{Err: fmt.Errorf("the net answers images of noise with %v", v), Hint: "its weights are no use: train it again"}
		}
	}
	return logits, nil
}

// noise are so many pixels from 0 to 1. Packages of all times hold what nets say of them.
func noise(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(stage.Hash(0, "probe", i)>>40) / (1 << 24)
	}
	return out
}

// Differ is how far the logits of one probe are from those of another, as a part of the
// largest of them, or of 1 where that is more.
func Differ(got, want []float32) (share float64) {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	largest := 1.0
	for i, w := range want {
		share = max(share, math.Abs(float64(got[i])-float64(w)))
		largest = max(largest, math.Abs(float64(w)))
	}
	return share / largest
}
