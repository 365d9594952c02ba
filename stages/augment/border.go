package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("border", "says what lies outside the image for all geometry of the recipe", Border{Fill: "nearest"})
}

// Border changes nothing by itself. Since geometry is composed and applied
// once, there is one border for all of it.
type Border struct {
	Fill string `help:"the nearest pixel, black, or the image mirrored" oneof:"nearest constant reflect"`
}

// Draw names the border.
func (a Border) Draw(*rand.Rand, Size) Change {
	c := None
	c.Border = a.Fill
	return c
}
