package train

import (
	"fmt"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
)

// Places is what a net learns that says where things are: of each target the cells of a grid,
// or nowhere (model.Task.Places). It is the cross-entropy of soft labels, a small Gaussian about
// the point of a case, which is in pixels of the image, so that the mean of the cells is the point
// itself; or of nowhere where the case has none. What it says in the place of probabilities is
// Modes times a chance, x and y; see torch.Scope.Found.
type Places struct {
	torch.Grid
	Modes int64
}

// around is how many rows and columns about the likeliest cell a place is the mean of.
const around = 2

// reach is how far a point may lie from the middle of a cell of this stride that holds it, where
// an augmentation made the image smaller by a half; those further out were moved out of the image.
const reach = 1.1

// Outputs is one for each cell, and nowhere.
func (p Places) Outputs(int) int {
	return int((p.Height/p.Stride)*(p.Width/p.Stride)) + 1
}

// Settings are those that numbers depend on, as YAML.
func (p Places) Settings() string { return fmt.Sprintf("places: [%d, %d]\n", p.Width, p.Height) }

// Of is the cross-entropy.
func (p Places) Of(s *torch.Scope, logits_NO torch.Tensor, t Targets) torch.Tensor {
	return CrossEntropy{Reduction: byWeights.Reduction}.Of(s, logits_NO, p.among(t))
}

// Divisor is what the loss of the whole batch t divides by.
func (p Places) Divisor(s *torch.Scope, t Targets) torch.Tensor {
	return byWeights.Divisor(s, p.among(t))
}

// among makes cells the classes.
func (p Places) among(t Targets) Targets {
	t.Counts_K = make([]int, p.Outputs(0))
	return t
}

// Probabilities are chances and places: found_N(3·Modes).
func (p Places) Probabilities(s *torch.Scope, logits_NO torch.Tensor) torch.Tensor {
	return s.Found(logits_NO, p.Grid, around, p.Modes)
}

// cells are the soft labels of rows, after the geometry of an augmentation: see torch.Scope.Cells.
func (p Places) cells(s *torch.Scope, rows []row, seen augment.Augmented) torch.Tensor {
	image, points := make([]int64, len(rows)), make([]float32, 0, 2*len(rows))
	for i, r := range rows {
		image[i] = int64(r.image)
		x, y := float32(1e6), float32(1e6) // in no image
		if r.point != nil {
			x, y = float32(r.point.X-float64(p.Width-1)/2), float32(r.point.Y-float64(p.Height-1)/2)
		}
		points = append(points, x, y)
	}
	return s.Cells(seen.Places_BHW2, image, s.FromFloat32(points, int64(len(rows)), 2), p.Grid, reach*float64(p.Stride))
}

// placing is a loss whose labels are places: Places, and what has it inside.
type placing interface {
	cells(s *torch.Scope, rows []row, seen augment.Augmented) torch.Tensor
}

// saysWhere says whether the net learns Places.
func (t *trainer) saysWhere() bool {
	_, where := t.cfg.Loss.Part.(placing)
	return where
}
