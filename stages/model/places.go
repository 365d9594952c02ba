package model

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Places are told on a grid of cells of cellStride² pixels. The sides of images are multiples of
// placeSide, so that each halving of the maps comes out even.
const cellStride, placeSide = 4, 32

// Cells is how many rows and columns of cells lie on an image, for a Task with Places.
func Cells(shape preprocess.Shape) (rows, columns int) {
	return shape.Height / cellStride, shape.Width / cellStride
}

// PlacesFit wants of a task with Places a backbone whose maps tell places, images whose cells the
// task counts, and nothing of a model that only a class can be told by.
func (c Config) PlacesFit(shape preprocess.Shape, task Task) error {
	if !task.Places {
		return nil
	}
	return cmp.Or(c.tellsPlaces(), c.placesAlone(task), fitsCells(shape, task))
}

// tellsPlaces wants maps at the stride of cells.
func (c Config) tellsPlaces() error {
	hint := "take a backbone that halves its maps step by step, such as resnet18, efficientnet_b0, convnext_tiny or swin_t"
	if c.Volumetric() {
		return stage.Fault{Err: fmt.Errorf("%s sees volumes, and places are found on images", c.Backbone.Name), Hint: hint}
	}
	m, _ := c.Backbone.Part.Build(torch.NewOutlineStore().Root(nil), int64(c.Input.Channels))
	if levels, behind := mapLevels(m, int64(c.Input.Channels)); len(behind) == 0 || levels[0].Stride != cellStride {
		return stage.Fault{Err: fmt.Errorf("%s has no maps of a quarter of the image's height and width, on which places are found", c.Backbone.Name), Hint: hint}
	}
	return nil
}

// placesAlone refuses what places have no use for.
func (c Config) placesAlone(task Task) error {
	var with string
	switch {
	case task.rows() > 1 || c.Slices != nil:
		with = "views or slices that enter one by one"
	case len(task.Covariates) > 0:
		with = "covariates"
	case task.Own != nil:
		with = "targets that have classes of their own"
	case len(c.Head) > 0:
		with = "layers of model.head"
	case c.Pool.Name != "" && c.Pool.Name != Default.Pool.Name:
		with = "pool: " + c.Pool.Name
	case c.Last != "" && c.Last != Default.Last:
		with = "last: " + c.Last
	default:
		return nil
	}
	return errors.New("a net that finds places goes without " + with)
}

// fitsCells wants images that are whole numbers of cells, and outputs for them.
func fitsCells(shape preprocess.Shape, task Task) error {
	if shape.Height%placeSide != 0 || shape.Width%placeSide != 0 || shape.Height*shape.Width == 0 {
		return stage.Fault{
			Err:  fmt.Errorf("images of %d × %d pixels: a net that finds places wants sides that are multiples of %d", shape.Width, shape.Height, placeSide),
			Hint: "make them so in preprocess, such as resize: {pixels: 256}",
		}
	}
	if rows, columns := Cells(shape); task.Each != rows*columns+1 {
		return fmt.Errorf("a target has %d outputs, and the %d × %d cells of an image of %d × %d pixels and nowhere are %d", task.Each, rows, columns, shape.Width, shape.Height, rows*columns+1)
	}
	return nil
}

// assemblePlaces makes the layers of a net with Places. Up to the first maps that tell cells they
// are the backbone's; the rest is one layer, since it goes on with maps of several sizes.
func assemblePlaces(root torch.Path, cfg Config, task Task) torch.Sequence {
	channels := int64(cfg.Input.Channels)
	backbone, features := cfg.backbone(root)
	levels, behind := mapLevels(backbone, channels)
	front := levels[0].layers
	levels[0].layers = nil
	return append(slices.Clip(front), newPyramid(root.Sub("head"), levels, average{behind, features}, task))
}
