package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("reverse", "turns the order of an image's slices around", Reverse{When: When{P: 0.5, From: 1}, Sides: "swap"})
}

// Reverse mirrors a stack along its axis, within each view: what a flip does within the
// slices.
type Reverse struct {
	Sides string `help:"whether that swaps the classes, and the targets, of left and right (sagittal slices) or keeps them (axial ones); those without a side always stay" oneof:"swap keep"`
	When
}

// Draw draws nothing more.
func (Reverse) Draw(*rand.Rand, Size) []float64 { return nil }

func (a Reverse) mirrors([]float64) bool { return a.Sides == "swap" }

func (a Reverse) check(names Names, planes []string) error {
	if a.P == 0 {
		return nil
	}
	return sidesOf{"reverse", a.Sides, true}.check(names, planes)
}

// Order counts from the other end.
func (Reverse) Order(_ []float64, slices int) []int {
	out := make([]int, slices)
	for i := range out {
		out[i] = slices - 1 - i
	}
	return out
}

// reversed has the channels of so many slices in each view the other way round.
func reversed(s *torch.Scope, x_NCHW torch.Tensor, slices int) torch.Tensor {
	shape := s.Describe(x_NCHW).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	order := make([]int, shape[1])
	for c := range order {
		order[c] = c + slices - 1 - 2*(c%slices)
	}
	return s.Columns(x_NCHW, order)
}
