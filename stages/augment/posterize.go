package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("posterize", "leaves few grey levels", Posterize{When: Always, Bits: 4})
}

// Posterize rounds pixels down to 2^n levels, n from Bits to 7
// (torchvision.transforms.v2.functional.posterize of images with values in [0, 1]).
type Posterize struct {
	Bits int `help:"fewest bits that a pixel keeps; at most it keeps 7" min:"1" max:"7"`
	When
}

// Draw draws the bits.
func (a Posterize) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{float64(a.Bits + r.IntN(8-a.Bits))}
}

// Apply rounds down.
func (a Posterize) Apply(m Images) torch.Tensor {
	levels := func(numbers []float64) float64 { return float64(int(1) << int(numbers[0])) }
	lowest := m.To(m.To(m.Mul(m.Images_NCHW, m.Per(levels)), torch.Int64), torch.Float32)
	out := m.Mul(lowest, m.Per(func(numbers []float64) float64 { return 1 / levels(numbers) }))
	return m.Clamp(m.lower(out, m.Per(func(numbers []float64) float64 { return 1 - 1/levels(numbers) })), 0, 1)
}

// lower is the smaller of two numbers: white is no level of its own.
func (m Images) lower(x, most torch.Tensor) torch.Tensor {
	return m.Sub(x, m.Clamp(m.Sub(x, most), 0, 1))
}
