package augment

import (
	"errors"
	"math"
	"math/rand/v2"
)

func init() {
	Augmentations.Add("resized_crop", "cuts a part out of the image and magnifies it to the image's size",
		ResizedCrop{When: Always, Area: [2]float64{0.5, 1}, Ratio: [2]float64{0.75, 4.0 / 3}})
}

// ResizedCrop is torchvision.transforms.RandomResizedCrop to the image's own size.
// Where the drawn crop is larger than the image, its side is cut to the
// image's; torchvision draws again.
type ResizedCrop struct {
	Area  [2]float64 `help:"smallest and largest area of the crop, as a share of the image's" over:"0" max:"1"`
	Ratio [2]float64 `help:"smallest and largest width over height of the crop, as a share of the image's own" over:"0"`
	When
}

// Validate wants the smaller number first.
func (a ResizedCrop) Validate() error {
	if a.Area[0] > a.Area[1] || a.Ratio[0] > a.Ratio[1] {
		return errors.New("area and ratio want the smaller number first")
	}
	return a.When.Validate()
}

// Draw draws width, height, left and top of the crop, in shares of the image.
func (a ResizedCrop) Draw(r *rand.Rand, _ Size) []float64 {
	area := uniform(r, a.Area[0], a.Area[1])
	ratio := math.Exp(uniform(r, math.Log(a.Ratio[0]), math.Log(a.Ratio[1])))
	width, height := min(1, math.Sqrt(area*ratio)), min(1, math.Sqrt(area/ratio))
	return []float64{width, height, uniform(r, 0, 1-width), uniform(r, 0, 1-height)}
}

// Matrix leads from the image to the crop.
func (a ResizedCrop) Matrix(numbers []float64, size Size) Matrix {
	width, height, left, top := numbers[0], numbers[1], numbers[2], numbers[3]
	return affine(width, 0, (left+width/2-0.5)*size.Width, 0, height, (top+height/2-0.5)*size.Height)
}
