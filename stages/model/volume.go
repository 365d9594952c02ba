package model

import (
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Volumetric is a Backbone whose convolutions go through slices too. The channels of an image
// are slices to it: its module takes volumes_BCSHW, where C is model.input.channels, each of
// which a grey volume is repeated for.
type Volumetric interface {
	Backbone
	// Volumes does nothing.
	Volumes()
}

// Grey is a Volumetric whose published weights are for one channel, and which therefore takes
// one where an experiment does not say otherwise.
type Grey interface {
	Volumetric
	// Grey does nothing.
	Grey()
}

// Volumetric says whether the net sees the slices of an image as a volume.
func (c Config) Volumetric() bool {
	_, is := c.Backbone.Part.(Volumetric)
	return is
}

// volume makes volumes_B1SHW of images_BSHW.
func volume(p *torch.Pass, images_BSHW torch.Tensor) torch.Tensor {
	shape := p.Describe(images_BSHW).Shape
	if p.Err() != nil {
		return torch.Tensor{}
	}
	return p.Reshape(images_BSHW, -1, 1, shape[1], shape[2], shape[3])
}

// VolumeFits wants a volume, as the net sees it, that something is left of behind the last halving.
func (c Config) VolumeFits(shape preprocess.Shape) error {
	part, ok := c.Backbone.Part.(interface{ Least() int })
	if !ok || min(shape.Channels, shape.Height, shape.Width) >= part.Least() {
		return nil
	}
	return stage.Fault{
		Err:  fmt.Errorf("%s halves volumes so often that it wants %[2]d slices of %[2]d × %[2]d pixels or more, and here are %[3]d of %[4]d × %[5]d", c.Backbone.Name, part.Least(), shape.Channels, shape.Width, shape.Height),
		Hint: "write stack: {slices: 32, reach: series} and resize: {pixels: 64} in preprocess, or take a net that halves them less often, such as medicalnet_resnet18",
	}
}

// fitsVolume wants a volume of several slices.
func (c Config) fitsVolume(channels int, task Task) error {
	switch {
	case task.Slices > 1:
		return stage.Fault{Err: fmt.Errorf("%s sees all slices of a volume at once, and model.slices would show it one by one", c.Backbone.Name), Hint: "leave model.slices out, or take a net of two dimensions"}
	case channels/task.rows() < 2:
		return stage.Fault{Err: fmt.Errorf("%s sees volumes, and an image here is one slice", c.Backbone.Name), Hint: "add - stack: {slices: 16, reach: series} to preprocess, or take a net of two dimensions"}
	}
	return nil
}
