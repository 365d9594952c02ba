package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("grid_distortion", "stretches and squeezes the rows and columns of a coarse grid", GridDistortion{When: Always, Cells: 5, By: 0.3})
}

// GridDistortion changes each row and column of a grid by a factor from
// U(1−By, 1+By); the image's edges stay (albumentations.GridDistortion with
// normalized=True).
type GridDistortion struct {
	Cells int     `help:"cells along each axis" min:"2" max:"64"`
	By    float64 `help:"largest change of a row or column" min:"0" under:"1"`
	When
}

// Draw draws the widths of the columns, then the heights of the rows.
func (a GridDistortion) Draw(r *rand.Rand, _ Size) []float64 {
	out := make([]float64, 2*a.Cells)
	for i := range out {
		out[i] = uniform(r, 1-a.By, 1+a.By)
	}
	return out
}

// Field holds how far each node moves.
func (a GridDistortion) Field(m Images) torch.Tensor {
	nodes := a.Cells + 1
	field := make([]float32, 0, 2*nodes*nodes*len(m.Numbers))
	for _, numbers := range m.Numbers {
		across, down := moves(numbers[:a.Cells], m.Size.Width-1), moves(numbers[a.Cells:], m.Size.Height-1)
		for i := range nodes * nodes {
			field = append(field, across[i%nodes])
		}
		for i := range nodes * nodes {
			field = append(field, down[i/nodes])
		}
	}
	return m.FromFloat32(field, int64(len(m.Numbers)), 2, int64(nodes), int64(nodes))
}

// moves gives for each node of an axis its place after stretching less its place
// before, in pixels.
func moves(steps []float64, length float64) []float32 {
	total := 0.0
	for _, s := range steps {
		total += s
	}
	out, at := make([]float32, len(steps)+1), 0.0
	for i, s := range steps {
		out[i] = float32(length * (at/total - float64(i)/float64(len(steps))))
		at += s
	}
	return out
}
