package augment

import (
	"math"
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("gamma", "brightens or darkens the mid-tones", Gamma{When: Always, By: 0.2})
}

// Gamma raises every pixel to a power whose logarithm is uniform, so that
// brighter and darker are equally likely
// (torchvision.transforms.functional.adjust_gamma).
type Gamma struct {
	By float64 `help:"largest exponent less 1; the smallest is 1/(1+by)" min:"0" max:"9"`
	When
}

// Draw draws the exponent.
func (a Gamma) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{math.Exp(uniform(r, -1, 1) * math.Log1p(a.By))}
}

// Apply raises to the power.
func (a Gamma) Apply(m Images) torch.Tensor {
	return m.Clamp(m.Power(m.Images_NCHW, m.Number(0)), 0, 1)
}
