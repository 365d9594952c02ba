package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("solarize", "inverts bright pixels", Solarize{When: Always, Above: 0.5})
}

// Solarize inverts pixels of a threshold from U(Above, 1) and more
// (torchvision.transforms.v2.functional.solarize).
type Solarize struct {
	Above float64 `help:"lowest threshold; 0 may invert all" min:"0" max:"1"`
	When
}

// Draw draws the threshold.
func (a Solarize) Draw(r *rand.Rand, _ Size) []float64 { return []float64{uniform(r, a.Above, 1)} }

// Apply inverts.
func (a Solarize) Apply(m Images) torch.Tensor {
	// 1 from the threshold on, else 0: numbers that are not below 1 have a whole part of 1.
	rest := m.Per(func(numbers []float64) float64 { return 1 - numbers[0] })
	bright := m.Clamp(m.To(m.To(m.Add(m.Images_NCHW, rest), torch.Int64), torch.Float32), 0, 1)
	inverse := m.Sub(m.constant(1), m.Images_NCHW)
	return m.Add(m.Mul(bright, inverse), m.Mul(m.Sub(m.constant(1), bright), m.Images_NCHW))
}
