package model

import (
	"fmt"
	"math"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Seen is the shape of what a net sees of images, of which each view holds so many slices.
func (i Input) Seen(shape preprocess.Shape, held int) preprocess.Shape {
	if held > 1 {
		shape.Channels = shape.Channels / held * i.SlicesSeen(held)
	}
	if i.CenterCrop > 0 {
		shape.Height, shape.Width = i.CenterCrop, i.CenterCrop
	}
	return shape
}

// Crop takes the middle of images_BCHW that a net sees, of which each view holds so many slices.
func (i Input) Crop(s *torch.Scope, images_BCHW torch.Tensor, held int) torch.Tensor {
	slices_BCHW := i.middleSlices(s, images_BCHW, held)
	middle := i.middle(s, slices_BCHW)
	if slices_BCHW != images_BCHW && slices_BCHW != middle {
		s.Drop(slices_BCHW)
	}
	return middle
}

// middle is that of each image, as torchvision.transforms.CenterCrop takes it.
func (i Input) middle(s *torch.Scope, images_BCHW torch.Tensor) torch.Tensor {
	if i.CenterCrop == 0 || s.Err() != nil {
		return images_BCHW
	}
	shape, side := s.Describe(images_BCHW).Shape, int64(i.CenterCrop)
	if s.Err() != nil {
		return torch.Tensor{}
	}
	begin := func(of int64) int64 { return int64(math.RoundToEven(float64(of-side) / 2)) }
	rows := s.Narrow(images_BCHW, 2, begin(shape[2]), side)
	middle := s.Narrow(rows, 3, begin(shape[3]), side)
	s.Drop(rows)
	return middle
}

// CropFits wants images that have such a middle.
func (c Config) CropFits(shape preprocess.Shape) error {
	if c.Input.CenterCrop <= min(shape.Height, shape.Width) {
		return nil
	}
	return stage.Fault{
		Err:  fmt.Errorf("images have %d × %d pixels, and no middle of %[3]d × %[3]d", shape.Width, shape.Height, c.Input.CenterCrop),
		Hint: "make them larger in preprocess: resize, crop",
	}
}
