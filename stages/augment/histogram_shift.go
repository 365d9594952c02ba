package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("histogram_shift", "bends the scale of grey levels at random, and keeps their order", HistogramShift{When: Always, Points: 10})
}

// HistogramShift maps grey levels along a line through control points, of which
// all but the first and the last are moved: as MRI from another scanner differs
// (monai.transforms.RandHistogramShift). Point i moves to
// U(y of point i−1, x of point i+1).
type HistogramShift struct {
	Points int `help:"control points of the curve, ends included; fewer change more" min:"3" max:"50"`
	When
}

// Draw draws where the points move.
func (a HistogramShift) Draw(r *rand.Rand, _ Size) []float64 {
	y := make([]float64, a.Points)
	for i := range y {
		y[i] = float64(i) / float64(a.Points-1)
	}
	for i := 1; i < a.Points-1; i++ {
		y[i] = uniform(r, y[i-1], y[i+1])
	}
	return y
}

// Apply adds up how far each image rises on every stretch between two points.
func (a HistogramShift) Apply(m Images) torch.Tensor {
	stretch := 1 / float64(a.Points-1)
	out := m.Number(0)
	for i := range a.Points - 1 {
		above := m.Clamp(m.Sub(m.Images_NCHW, m.constant(float64(i)*stretch)), 0, stretch)
		slope := m.Per(func(y []float64) float64 { return (y[i+1] - y[i]) / stretch })
		out = m.Scale(above, slope, out)
	}
	return m.Clamp(out, 0, 1)
}
