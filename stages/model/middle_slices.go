package model

import (
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// SlicesSeen is how many slices of each view a net sees, of which images hold so many.
func (i Input) SlicesSeen(held int) int {
	if i.MiddleSlices > 0 {
		return i.MiddleSlices
	}
	return held
}

// middleSlices takes the slices of images_BCHW that a net sees, the middle ones of each view, of
// which they hold so many.
func (i Input) middleSlices(s *torch.Scope, images_BCHW torch.Tensor, held int) torch.Tensor {
	shape := s.Describe(images_BCHW).Shape
	if seen := i.SlicesSeen(held); seen < held && s.Err() == nil {
		stacks := s.Reshape(images_BCHW, -1, int64(held), shape[2], shape[3])
		middle := s.Narrow(stacks, 1, int64((held-seen)/2), int64(seen))
		out := s.Reshape(middle, -1, shape[1]/int64(held)*int64(seen), shape[2], shape[3])
		s.Drop(stacks)
		s.Drop(middle)
		return out
	}
	return images_BCHW
}

// SlicesFit wants stacks of so many slices that have such a middle.
func (i Input) SlicesFit(held int) error {
	switch seen := i.MiddleSlices; {
	case seen == 0:
		return nil
	case held < 2:
		return stage.Fault{Err: fmt.Errorf("an image is one slice, and has no middle %d", seen), Hint: fmt.Sprintf("write stack: {slices: %d} in preprocess, or remove it", seen+2)}
	case seen > held:
		return stage.Fault{Err: fmt.Errorf("a stack has %d slices, and no middle %d", held, seen), Hint: fmt.Sprintf("write stack: {slices: %d} in preprocess, for a slice more on each side", seen+2)}
	case (held-seen)%2 != 0:
		return stage.Fault{Err: fmt.Errorf("no %d of %d slices are the middle: as many must lie before them as behind", seen, held), Hint: fmt.Sprintf("write %d", seen+1)}
	}
	return nil
}
