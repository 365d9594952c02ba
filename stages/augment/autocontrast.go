package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("autocontrast", "stretches grey levels so that the darkest pixel is black and the brightest white", Autocontrast{When: When{P: 0.5, From: 1}})
}

// Autocontrast maps [least, most] of an image to [0, 1]
// (torchvision.transforms.v2.functional.autocontrast of a grey image; here all channels share least and
// most, so that slices and colours keep their relation). An image of one grey stays.
type Autocontrast struct{ When }

// Draw draws nothing.
func (Autocontrast) Draw(*rand.Rand, Size) []float64 { return nil }

// Apply stretches.
func (Autocontrast) Apply(m Images) torch.Tensor {
	shape := []int64{int64(len(m.Numbers)), 1, 1, 1}
	most := m.Reshape(m.MaxOver(m.Images_NCHW, 1, 2, 3), shape...)
	least := m.Times(m.Reshape(m.MaxOver(m.Times(m.Images_NCHW, -1), 1, 2, 3), shape...), -1)
	span := m.Sub(most, least)
	some := m.Clamp(m.Times(span, 1e9), 0, 1) // 0 of an image of one grey
	stretched := m.Mul(m.Sub(m.Images_NCHW, least), m.Reciprocal(m.Clamp(span, 1e-9, 1)))
	return m.Clamp(m.Add(m.Mul(some, stretched), m.Mul(m.Sub(m.constant(1), some), m.Images_NCHW)), 0, 1)
}
