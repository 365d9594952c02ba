package augment

import "math/rand/v2"

func init() { Augmentations.Add("shift", "moves the image", Shift{When: Always, By: 0.1}) }

// Shift moves by U(−By, By) of the width and, apart from it, of the height
// (the translate of torchvision.transforms.RandomAffine, without rounding).
type Shift struct {
	By float64 `help:"largest move, as a share of the image's size" min:"0" max:"1"`
	When
}

// Draw draws the two moves.
func (a Shift) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{uniform(r, -a.By, a.By), uniform(r, -a.By, a.By)}
}

// Matrix moves.
func (a Shift) Matrix(numbers []float64, size Size) Matrix {
	return translation(numbers[0]*size.Width, numbers[1]*size.Height)
}
