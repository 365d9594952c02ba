package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("brightness", "multiplies all pixels of an image, and clips at black and white", Brightness{By: 0.2})
}

// Brightness multiplies by a factor from U(1−By, 1+By).
type Brightness struct {
	By float64 `help:"largest change of the factor" min:"0" max:"1"`
}

// Draw draws the factor.
func (a Brightness) Draw(r *rand.Rand, _ Size) Change {
	c := None
	c.Gain = uniform(r, 1-a.By, 1+a.By)
	return c
}
