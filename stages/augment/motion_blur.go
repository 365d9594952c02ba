package augment

import (
	"math"
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("motion_blur", "blurs the image along a line, as if it moved while it was taken", MotionBlur{When: Always, Length: 7})
}

// MotionBlur is the mean of the image over a straight way of a length from U(0, Length) whose
// middle is where it was, in any direction: read at points at most a pixel apart, between pixels
// linearly. (MotionBlur of albumentations draws such a line into a kernel of whole pixels.)
type MotionBlur struct {
	Length float64 `help:"longest way" unit:"px" min:"0" max:"100"`
	When
}

// Draw draws the way to the right and down.
func (a MotionBlur) Draw(r *rand.Rand, _ Size) []float64 {
	length := uniform(r, 0, a.Length)
	sin, cos := math.Sincos(uniform(r, 0, math.Pi))
	return []float64{length * cos, length * sin}
}

// Apply takes the mean of images that are moved.
func (a MotionBlur) Apply(m Images) torch.Tensor {
	points := int(math.Ceil(a.Length)) + 1
	if points == 1 {
		return m.Images_NCHW
	}
	sum := m.moved(0, points)
	for i := 1; i < points; i++ {
		before := sum
		sum = m.Inner(func(*torch.Scope) torch.Tensor { return m.Add(before, m.moved(i, points)) })
	}
	return m.Clamp(m.Times(sum, 1/float64(points)), 0, 1)
}

// moved gives the images at point i of so many along their way.
func (m Images) moved(i, points int) torch.Tensor {
	along := float64(i)/float64(points-1) - 0.5
	matrices := make([]Matrix, len(m.Numbers))
	for row, way := range m.Numbers {
		matrices[row] = translation(along*way[0], along*way[1])
	}
	places := m.Project(torch.Tensor{}, upload(m.Scope, matrices), m.Height(), m.Width())
	return m.SampleAt(m.Images_NCHW, places, torch.Bilinear, torch.Outside{Border: torch.BorderNearest})
}
