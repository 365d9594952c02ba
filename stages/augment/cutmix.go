package augment

import (
	"math"
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("cutmix", "replaces a rectangle of an image, and its share of the label, by another image of the batch; comes after all else", CutMix{When: Always, Alpha: 1})
}

// CutMix takes a rectangle of 1−λ of the image's area, λ from Beta(Alpha, Alpha), from
// the partner. Its centre is anywhere, its sides are cut at the image's edges
// (Yun et al. 2019; torchvision.transforms.v2.CutMix draws one for a batch).
type CutMix struct {
	Alpha float64 `help:"shape of the beta distribution of the shares: 0 mixes nothing, 1 takes all shares alike" min:"0" max:"100"`
	When
}

// Draw draws left, top, right and bottom of the rectangle, in pixels.
func (a CutMix) Draw(r *rand.Rand, size Size) []float64 {
	half := math.Sqrt(1-beta(r, a.Alpha)) / 2
	x0, x1 := cut(r, half, size.Width)
	y0, y1 := cut(r, half, size.Height)
	return []float64{x0, y0, x1, y1}
}

func cut(r *rand.Rand, half, length float64) (from, to float64) {
	centre, reach := math.Floor(uniform(r, 0, length)), math.Floor(half*length)
	return max(centre-reach, 0), min(centre+reach, length)
}

// Mix pastes.
func (a CutMix) Mix(m Images, partners_NCHW torch.Tensor) torch.Tensor {
	return m.Where(m.Boxes(m.rectangles(0, 1), m.Height(), m.Width()), partners_NCHW, m.Images_NCHW)
}

// Share is the image's own area.
func (a CutMix) Share(numbers []float64, size Size) float64 {
	return 1 - (numbers[2]-numbers[0])*(numbers[3]-numbers[1])/(size.Width*size.Height)
}
