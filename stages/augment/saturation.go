package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("saturation", "makes colours stronger or paler, and clips", Saturation{When: Always, By: 0.2})
}

// Saturation multiplies the distance of colours from their grey by a factor from U(1−By, 1+By)
// (torchvision.transforms.functional.adjust_saturation).
type Saturation struct {
	By float64 `help:"largest change of the factor; 0 of it is grey" min:"0" max:"1"`
	When
}

// Draw draws the factor.
func (a Saturation) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{uniform(r, 1-a.By, 1+a.By)}
}

// Apply blends each view with its grey.
func (a Saturation) Apply(m Images) torch.Tensor {
	if !m.Colours {
		return m.Images_NCHW
	}
	rest := m.Per(func(numbers []float64) float64 { return 1 - numbers[0] })
	return m.eachColour(func(rgb [3]torch.Tensor) (out [3]torch.Tensor) {
		// The luma of ITU-R BT.601, with as many digits as torchvision has.
		grey := m.Add(m.Add(m.Times(rgb[0], 0.2989), m.Times(rgb[1], 0.587)), m.Times(rgb[2], 0.114))
		for c := range rgb {
			out[c] = m.Clamp(m.Scale(rgb[c], m.Number(0), m.Mul(grey, rest)), 0, 1)
		}
		return out
	})
}

func (Saturation) ofColours() {}
