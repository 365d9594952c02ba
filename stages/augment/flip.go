package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("flip", "mirrors the image", Flip{When: Always, Horizontal: 0.5, Sides: "swap"})
}

// Flip mirrors along either axis, each by its own chance
// (torchvision.transforms.functional.hflip and vflip).
type Flip struct {
	Horizontal float64 `help:"chance of swapping the left and the right of the image" min:"0" max:"1"`
	Vertical   float64 `help:"chance of swapping its top and bottom" min:"0" max:"1"`
	Sides      string  `help:"whether a horizontal flip swaps the classes, and the targets, of left and right (axial and coronal images) or keeps them (sagittal ones); those without a side always stay" oneof:"swap keep"`
	When
}

// Draw draws both axes: 1 where it is mirrored.
func (a Flip) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{happens(r, a.Horizontal), happens(r, a.Vertical)}
}

// Matrix mirrors.
func (a Flip) Matrix(numbers []float64, _ Size) Matrix {
	return affine(1-2*numbers[0], 0, 0, 0, 1-2*numbers[1], 0)
}

func happens(r *rand.Rand, chance float64) float64 {
	if r.Float64() < chance {
		return 1
	}
	return 0
}
