package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("optical_distortion", "bends the image as a lens does: barrel or pincushion", OpticalDistortion{When: Always, By: 0.3})
}

// OpticalDistortion reads the place (x, y), from the middle and in widths and heights of the
// image, at (1 + k·r² + k·r⁴)·(x, y), r² = x² + y², with k from U(−By, By): a camera with the
// radial coefficients k₁ = k₂ = k (cv2.initUndistortRectifyMap; OpticalDistortion of
// albumentations).
type OpticalDistortion struct {
	By float64 `help:"largest coefficient, either way" min:"0" max:"2"`
	When
}

// Draw draws k.
func (a OpticalDistortion) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{uniform(r, -a.By, a.By)}
}

// Field is k times the field of k = 1, which is the same for all images of a batch. It is made on
// the device: as many numbers as an image has would keep the host waiting.
func (a OpticalDistortion) Field(m Images) torch.Tensor {
	inSides := affine(1/m.Size.Width, 0, 0, 0, 1/m.Size.Height, 0)
	places_1HW2 := m.Project(torch.Tensor{}, upload(m.Scope, []Matrix{inSides}), m.Height(), m.Width())
	x, y := m.Select(places_1HW2, 3, 0), m.Select(places_1HW2, 3, 1)
	r2 := m.Add(m.Mul(x, x), m.Mul(y, y))
	bend := m.Add(r2, m.Mul(r2, r2))
	along := func(places_1HW torch.Tensor, side float64) torch.Tensor {
		return m.Reshape(m.Times(m.Mul(places_1HW, bend), side), 1, 1, m.Height(), m.Width())
	}
	return m.Mul(m.Stack(along(x, m.Size.Width), along(y, m.Size.Height)), m.Number(0))
}
