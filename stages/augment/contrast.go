package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("contrast", "moves all pixels away from the image's mean or towards it, and clips", Contrast{When: Always, By: 0.2})
}

// Contrast multiplies the distance from the image's mean by a factor from
// U(1−By, 1+By) (torchvision.transforms.functional.adjust_contrast of a grey
// image; the mean is taken over all channels).
type Contrast struct {
	By float64 `help:"largest change of the factor" min:"0" max:"1"`
	When
}

// Draw draws the factor.
func (a Contrast) Draw(r *rand.Rand, _ Size) []float64 { return []float64{uniform(r, 1-a.By, 1+a.By)} }

// Apply blends the image with its mean.
func (a Contrast) Apply(m Images) torch.Tensor {
	rest := m.Per(func(numbers []float64) float64 { return 1 - numbers[0] })
	return m.Clamp(m.Scale(m.Images_NCHW, m.Number(0), m.Mul(m.ImageMeans(m.Images_NCHW), rest)), 0, 1)
}
