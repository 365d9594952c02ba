package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("sharpen", "strengthens edges, and clips", Sharpen{When: Always, Amount: 1, Sigma: 1})
}

// Sharpen is unsharp masking: it adds the difference between the image and its
// Gaussian blur, times a factor from U(0, Amount) (skimage.filters.unsharp_mask).
type Sharpen struct {
	Amount float64 `help:"largest strength" min:"0" max:"10"`
	Sigma  float64 `help:"standard deviation of the blur" unit:"px" over:"0" max:"50"`
	When
}

// Draw draws the strength.
func (a Sharpen) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{uniform(r, 0, a.Amount), a.Sigma}
}

// Apply sharpens.
func (a Sharpen) Apply(m Images) torch.Tensor {
	edges := m.Sub(m.Images_NCHW, m.Smooth(m.Images_NCHW, m.Sigmas(1)))
	return m.Clamp(m.Scale(edges, m.Number(0), m.Images_NCHW), 0, 1)
}
