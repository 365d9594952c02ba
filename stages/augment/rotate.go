package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("rotate", "turns the image about its centre", Rotate{When: Always, Degrees: 15})
}

// Rotate turns by an angle from U(−Degrees, Degrees), counter-clockwise where
// positive (torchvision.transforms.functional.rotate).
type Rotate struct {
	Degrees float64 `help:"largest angle, either way" unit:"°" min:"0" max:"180"`
	When
}

// Draw draws the angle.
func (a Rotate) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{uniform(r, -a.Degrees, a.Degrees)}
}

// Matrix turns.
func (a Rotate) Matrix(numbers []float64, _ Size) Matrix { return rotation(numbers[0]) }

func uniform(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }
