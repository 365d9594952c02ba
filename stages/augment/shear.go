package augment

import (
	"math"
	"math/rand/v2"
)

func init() {
	Augmentations.Add("shear", "slants the image about its centre", Shear{When: Always, Degrees: 10, Axes: "horizontal"})
}

// Shear slants by angles from U(−Degrees, Degrees), by the matrix of
// torchvision.transforms.functional.affine.
type Shear struct {
	Degrees float64 `help:"largest angle, either way" unit:"°" min:"0" under:"90"`
	Axes    string  `help:"which lines are slanted: horizontal moves rows along themselves" oneof:"horizontal vertical both"`
	When
}

// Draw draws an angle for each axis, 0 where it is not slanted.
func (a Shear) Draw(r *rand.Rand, _ Size) []float64 {
	x, y := uniform(r, -a.Degrees, a.Degrees), uniform(r, -a.Degrees, a.Degrees)
	switch a.Axes {
	case "horizontal":
		y = 0
	case "vertical":
		x = 0
	}
	return []float64{x, y}
}

// Matrix slants: rows first, then columns.
func (a Shear) Matrix(numbers []float64, _ Size) Matrix {
	x, y := math.Tan(numbers[0]*math.Pi/180), math.Tan(numbers[1]*math.Pi/180)
	return affine(1, x, 0, 0, 1, 0).times(affine(1, 0, 0, y, 1, 0))
}
