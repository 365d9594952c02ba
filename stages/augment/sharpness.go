package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("sharpness", "makes edges sharper or softer, and clips", Sharpness{When: Always, By: 0.5})
}

// Sharpness multiplies the distance of pixels from their smoothed neighbourhood, 3 × 3 with the pixel itself
// five times as heavy, by a factor from U(1−By, 1+By); pixels at the edge stay
// (torchvision.transforms.functional.adjust_sharpness).
type Sharpness struct {
	By float64 `help:"largest change of the factor; 0 of it is smooth" min:"0" max:"1"`
	When
}

// Draw draws the factor.
func (a Sharpness) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{uniform(r, 1-a.By, 1+a.By)}
}

// Apply blends the image with its smooth one.
func (a Sharpness) Apply(m Images) torch.Tensor {
	h, w := m.Height()-2, m.Width()-2
	if h < 1 || w < 1 {
		return m.Images_NCHW
	}
	within := func(down, right int64) torch.Tensor {
		return m.Narrow(m.Narrow(m.Images_NCHW, 2, down, h), 3, right, w)
	}
	centre := within(1, 1)
	sum := m.Times(centre, 4)
	for at := range int64(9) {
		sum = m.Add(sum, within(at/3, at%3))
	}
	smoother := m.PadAround(m.Sub(m.Times(sum, 1.0/13), centre), 1, 1, 1, 1)
	return m.Clamp(m.Scale(smoother, m.Per(func(numbers []float64) float64 { return 1 - numbers[0] }), m.Images_NCHW), 0, 1)
}
