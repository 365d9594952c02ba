package augment

import "math/rand/v2"

func init() { Augmentations.Add("shift", "moves the image", Shift{By: 0.1}) }

// Shift moves by U(−By, By) of the width and, apart from it, of the height.
type Shift struct {
	By float64 `help:"largest move, as a share of the image's size" min:"0" max:"1"`
}

// Draw draws the two moves.
func (a Shift) Draw(r *rand.Rand, s Size) Change {
	c := None
	c.Matrix.C = uniform(r, -a.By, a.By) * s.Width
	c.Matrix.F = uniform(r, -a.By, a.By) * s.Height
	return c
}
