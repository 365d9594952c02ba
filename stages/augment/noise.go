package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("noise", "adds noise to each pixel, and clips", Noise{When: Always, Std: 0.05, Kind: "gaussian"})
}

// Noise adds N(0, σ²) with σ from U(0, Std) to each pixel. The Rician kind is that
// of MRI magnitudes, √((x+n₁)² + n₂²) (Gudbjartsson and Patz 1995;
// monai.transforms.RandRicianNoise).
type Noise struct {
	Std  float64 `help:"largest standard deviation; white is 1" min:"0" max:"1"`
	Kind string  `help:"the noise's distribution; rician is that of magnitudes in MRI" oneof:"gaussian rician"`
	When
}

// Draw draws the standard deviation.
func (a Noise) Draw(r *rand.Rand, _ Size) []float64 { return []float64{uniform(r, 0, a.Std)} }

// Apply adds.
func (a Noise) Apply(m Images) torch.Tensor {
	noisy := m.Add(m.Images_NCHW, a.noise(m, m.Keys))
	if a.Kind == "rician" {
		other := make([]uint64, len(m.Keys))
		for i, key := range m.Keys {
			other[i] = ^key
		}
		imaginary := a.noise(m, other)
		noisy = m.Sqrt(m.Add(m.Mul(noisy, noisy), m.Mul(imaginary, imaginary)))
	}
	return m.Clamp(noisy, 0, 1)
}

func (a Noise) noise(m Images, keys []uint64) torch.Tensor {
	return m.Mul(m.NormalField(keys, m.Channels(), m.Height(), m.Width()), m.Number(0))
}
