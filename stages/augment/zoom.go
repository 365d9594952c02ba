package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("zoom", "magnifies or shrinks the image about its centre", Zoom{By: 0.1, Axes: "together"})
}

// Zoom magnifies by a factor from U(1−By, 1+By).
type Zoom struct {
	By   float64 `help:"largest change of the size" min:"0" under:"1"`
	Axes string  `help:"whether width and height share one factor; apart changes the aspect as Keras does" oneof:"together apart"`
}

// Draw draws the factors.
func (a Zoom) Draw(r *rand.Rand, _ Size) Change {
	x := uniform(r, 1-a.By, 1+a.By)
	y := x
	if a.Axes == "apart" {
		y = uniform(r, 1-a.By, 1+a.By)
	}
	c := None
	c.Matrix = Affine{A: 1 / x, E: 1 / y}
	return c
}
