package model

import (
	"errors"
	"fmt"

	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Sized is a backbone some of whose weights are made for one size of images.
type Sized interface {
	Backbone
	// For gives it for images of so many pixels; an error says why there is none.
	For(height, width int) (Backbone, error)
}

// For gives the model for images of a shape.
func (c Config) For(shape preprocess.Shape) (Config, error) {
	part, ok := c.Backbone.Part.(Sized)
	if !ok {
		return c, nil
	}
	shape = c.Input.Seen(shape, 1)
	fitting, err := part.For(shape.Height, shape.Width)
	if fault := (stage.Fault{}); c.Input.CenterCrop > 0 && errors.As(err, &fault) {
		fault.Hint = "the net sees the middle alone: model.input.center_crop says how large that is"
		err = fault
	}
	if err != nil {
		return c, fmt.Errorf("%s: %w", c.Backbone.Name, err)
	}
	c.Backbone = registry.One[Backbone]{Name: c.Backbone.Name, Part: fitting}
	return c, nil
}
