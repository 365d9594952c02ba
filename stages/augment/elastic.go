package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("elastic", "bends the image smoothly", Elastic{When: Always, Alpha: 50, Sigma: 5})
}

// Elastic moves every pixel by its own draw from U(−1, 1) along each axis,
// smoothed by a Gaussian and multiplied by Alpha (Simard, Steinkraus and Platt
// 2003; ElasticTransformation of imgaug, ElasticTransform of albumentations).
type Elastic struct {
	Alpha float64 `help:"strength: the displacements before smoothing" unit:"px" min:"0"`
	Sigma float64 `help:"smoothness: standard deviation of the Gaussian" unit:"px" over:"0"`
	When
}

// Draw draws nothing: the field comes of the key.
func (a Elastic) Draw(*rand.Rand, Size) []float64 { return nil }

// Field is the smoothed noise.
func (a Elastic) Field(m Images) torch.Tensor {
	n := int64(len(m.Keys))
	noise := m.UniformField(m.Keys, 2, m.Height(), m.Width())
	noise = m.Scale(noise, m.constant(2*a.Alpha), m.constant(-a.Alpha))
	sigmas := make([]float32, n)
	for i := range sigmas {
		sigmas[i] = float32(a.Sigma)
	}
	return m.Smooth(noise, m.FromFloat32(sigmas, n))
}
