package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("zoom", "magnifies or shrinks the image about its centre", Zoom{When: Always, By: 0.1, Axes: "together"})
}

// Zoom magnifies by a factor from U(1−By, 1+By).
type Zoom struct {
	By   float64 `help:"largest change of the size" min:"0" under:"1"`
	Axes string  `help:"whether width and height share one factor; apart changes the aspect as Keras does" oneof:"together apart"`
	When
}

// Draw draws the factors.
func (a Zoom) Draw(r *rand.Rand, _ Size) []float64 {
	x, y := uniform(r, 1-a.By, 1+a.By), uniform(r, 1-a.By, 1+a.By)
	if a.Axes == "together" {
		y = x
	}
	return []float64{x, y}
}

// Matrix magnifies.
func (a Zoom) Matrix(numbers []float64, _ Size) Matrix { return magnification(numbers[0], numbers[1]) }
