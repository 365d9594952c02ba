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

// Field is k times the field of k = 1, which is brought to the device once for a batch.
func (a OpticalDistortion) Field(m Images) torch.Tensor {
	h, w := int(m.Size.Height), int(m.Size.Width)
	unit := make([]float32, 2*h*w)
	for i := range h * w {
		x := (float64(i%w) - (m.Size.Width-1)/2) / m.Size.Width
		y := (float64(i/w) - (m.Size.Height-1)/2) / m.Size.Height
		r2 := x*x + y*y
		unit[i], unit[h*w+i] = float32(m.Size.Width*x*(r2+r2*r2)), float32(m.Size.Height*y*(r2+r2*r2))
	}
	return m.Mul(m.FromFloat32(unit, 1, 2, int64(h), int64(w)), m.Number(0))
}
