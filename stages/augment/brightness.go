package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("brightness", "multiplies all pixels of an image, and clips at black and white", Brightness{When: Always, By: 0.2})
}

// Brightness multiplies by a factor from U(1−By, 1+By)
// (torchvision.transforms.functional.adjust_brightness).
type Brightness struct {
	By float64 `help:"largest change of the factor" min:"0" max:"1"`
	When
}

// Draw draws the factor.
func (a Brightness) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{uniform(r, 1-a.By, 1+a.By)}
}

// Apply multiplies.
func (a Brightness) Apply(m Images) torch.Tensor {
	return m.Clamp(m.Mul(m.Images_NCHW, m.Number(0)), 0, 1)
}
