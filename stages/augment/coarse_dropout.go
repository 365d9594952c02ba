package augment

import (
	"math"
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("coarse_dropout", "paints rectangles over the image", CoarseDropout{When: Always, Holes: 8, Size: 0.1})
}

// CoarseDropout paints 1 to Holes rectangles that lie within the image (DeVries and
// Taylor 2017; CoarseDropout of albumentations).
type CoarseDropout struct {
	Holes int     `help:"most rectangles in an image" min:"1" max:"256"`
	Size  float64 `help:"longest side of a rectangle, as a share of the image's" min:"0" max:"1"`
	Value float64 `help:"what is painted; black is 0, white is 1" min:"0" max:"1"`
	When
}

// Draw draws left, top, right and bottom of each rectangle, in pixels; those that
// the image does not get are empty.
func (a CoarseDropout) Draw(r *rand.Rand, size Size) []float64 {
	out := make([]float64, 4*a.Holes)
	for i := range 1 + r.IntN(a.Holes) {
		x0, x1 := a.span(r, size.Width)
		y0, y1 := a.span(r, size.Height)
		copy(out[4*i:], []float64{x0, y0, x1, y1})
	}
	return out
}

func (a CoarseDropout) span(r *rand.Rand, length float64) (from, to float64) {
	side := math.Round(uniform(r, 0, a.Size) * length)
	from = math.Floor(uniform(r, 0, length-side+1))
	return from, from + side
}

// Apply paints.
func (a CoarseDropout) Apply(m Images) torch.Tensor {
	holes := m.Boxes(m.rectangles(0, a.Holes), m.Height(), m.Width())
	return m.Where(holes, m.constant(a.Value), m.Images_NCHW)
}
