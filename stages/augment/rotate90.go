package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("rotate90", "turns the image by no, one, two or three quarters of a circle; with flip, all eight ways that a square can lie", Rotate90{When: Always})
}

// Rotate90 turns by k·90°, k from 0 to 3, counter-clockwise (numpy.rot90; RandomRotate90 of
// albumentations). No corner is cut off: an image that is not square is stretched to its own shape
// when it lies on its side.
type Rotate90 struct{ When }

// Draw draws the quarters.
func (Rotate90) Draw(r *rand.Rand, _ Size) []float64 { return []float64{float64(r.IntN(4))} }

// Matrix turns, with sines that are whole numbers.
func (Rotate90) Matrix(numbers []float64, size Size) Matrix {
	switch wide := size.Width / size.Height; numbers[0] {
	case 1:
		return affine(0, -wide, 0, 1/wide, 0, 0)
	case 2:
		return affine(-1, 0, 0, 0, -1, 0)
	case 3:
		return affine(0, wide, 0, -1/wide, 0, 0)
	}
	return Identity
}
