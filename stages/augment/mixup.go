package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("mixup", "blends an image, and its label, with another of the batch; comes after all else", MixUp{When: Always, Alpha: 0.4})
}

// MixUp gives λ·image + (1−λ)·partner with λ from Beta(Alpha, Alpha), drawn for
// each image (Zhang et al. 2018; torchvision.transforms.v2.MixUp draws one for a
// batch).
type MixUp struct {
	Alpha float64 `help:"shape of the beta distribution of the shares: 0 mixes nothing, 1 takes all shares alike" min:"0" max:"100"`
	When
}

// Draw draws λ.
func (a MixUp) Draw(r *rand.Rand, _ Size) []float64 { return []float64{beta(r, a.Alpha)} }

// Mix blends.
func (a MixUp) Mix(m Images, partners_NCHW torch.Tensor) torch.Tensor {
	rest := m.Per(func(numbers []float64) float64 { return 1 - numbers[0] })
	return m.Scale(m.Images_NCHW, m.Number(0), m.Mul(partners_NCHW, rest))
}

// Share is λ.
func (a MixUp) Share(numbers []float64, _ Size) float64 { return numbers[0] }
