package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("flip", "mirrors the image; labels of single points have no side, so they stay", Flip{Horizontal: 0.5})
}

// Flip mirrors along either axis, each by its own chance.
type Flip struct {
	Horizontal float64 `help:"chance of swapping left and right" min:"0" max:"1"`
	Vertical   float64 `help:"chance of swapping top and bottom" min:"0" max:"1"`
}

// Draw draws both axes.
func (a Flip) Draw(r *rand.Rand, _ Size) Change {
	c := None
	if r.Float64() < a.Horizontal {
		c.Matrix.A = -1
	}
	if r.Float64() < a.Vertical {
		c.Matrix.E = -1
	}
	return c
}
