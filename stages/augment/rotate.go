package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("rotate", "turns the image about its centre", Rotate{Degrees: 15})
}

// Rotate turns by an angle from U(−Degrees, Degrees).
type Rotate struct {
	Degrees float64 `help:"largest angle, either way" unit:"°" min:"0" max:"180"`
}

// Draw draws the angle.
func (a Rotate) Draw(r *rand.Rand, _ Size) Change {
	c := None
	c.Matrix = rotation(uniform(r, -a.Degrees, a.Degrees))
	return c
}

func uniform(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }
