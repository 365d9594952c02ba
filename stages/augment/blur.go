package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("blur", "blurs the image by a Gaussian", Blur{When: Always, Sigma: 1})
}

// Blur filters with a Gaussian of σ from U(0, Sigma)
// (scipy.ndimage.gaussian_filter with mode="mirror").
type Blur struct {
	Sigma float64 `help:"largest standard deviation" unit:"px" min:"0" max:"50"`
	When
}

// Draw draws σ.
func (a Blur) Draw(r *rand.Rand, _ Size) []float64 { return []float64{uniform(r, 0, a.Sigma)} }

// Apply blurs.
func (a Blur) Apply(m Images) torch.Tensor {
	return m.Clamp(m.Smooth(m.Images_NCHW, m.Sigmas(0)), 0, 1)
}
