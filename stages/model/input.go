package model

import (
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/preprocess"
)

// Input says how images enter a net.
type Input struct {
	Channels     int       `help:"1, 3 to repeat a grey image for a net made for colour, or as many as the images have" min:"1" max:"255"`
	Mean         []float64 `help:"subtracted from each channel: a number for each, or one for all"`
	Std          []float64 `help:"each channel is divided by it: a number for each, or one for all"`
	CenterCrop   int       `help:"side of the middle of each image, which is all that the net sees; augmentation, which comes before, reads what lies around it in the place of a border. 0: all of the image" unit:"px" min:"0" max:"4096"`
	MiddleSlices int       `help:"how many slices of each stack, the middle ones, are all that the net sees; slice_shift in augment moves them in training, and the slices beside them come into view. 0: all of the stack" min:"0" max:"255"`
	TrainScale   float64   `help:"factor on training images alone, after mean and std; only 1 shows the net the same kind of image in training and in validation, other values repeat a known mistake" over:"0" max:"1000"`
}

// greyInput is Default's for one channel: ImageNet's mean and spread over its colours.
var greyInput = Input{Channels: 1, Mean: []float64{0.449}, Std: []float64{0.226}, TrainScale: 1}

// like says whether pixels are changed alike.
func (i Input) like(d Input) bool {
	return slices.Equal(i.Mean, d.Mean) && slices.Equal(i.Std, d.Std) && i.TrainScale == d.TrainScale
}

// IsDefault says whether pixels are changed as where an experiment does not say how.
func (i Input) IsDefault() bool { return i.like(Default.Input) || i.like(greyInput) }

// InputOf is how pixels enter a backbone where an experiment does not say: as Default says, and
// with one channel where it is Grey.
func InputOf(b Backbone) Input {
	if _, grey := b.(Grey); grey {
		return greyInput
	}
	return Default.Input
}

// Validate checks that every channel has its numbers.
func (i Input) Validate() error {
	fits := func(n int) bool { return n == 1 || n == i.Channels }
	if !fits(len(i.Mean)) || !fits(len(i.Std)) {
		return fmt.Errorf("mean has %d numbers and std %d; want one for each of the %d channels, or one for all", len(i.Mean), len(i.Std), i.Channels)
	}
	for _, s := range i.Std {
		if s <= 0 {
			return fmt.Errorf("std %v must be above 0", s)
		}
	}
	return nil
}

// Follow gives the input that preprocessing asks for with its step normalise;
// what the experiment says itself stays without that step. Both cannot be.
func (i Input) Follow(n *preprocess.Normalisation) (Input, error) {
	if n == nil {
		return i.spread(), nil
	}
	if !i.IsDefault() {
		return i, errors.New("the step normalise of preprocess and model.input both say how pixels enter the net; remove one of them")
	}
	if k := len(n.Mean); k != 1 && k != i.Channels {
		return i, fmt.Errorf("the step normalise has numbers for %d channels, model.input.channels is %d", k, i.Channels)
	}
	i.Mean, i.Std, i.TrainScale = n.Mean, n.Std, n.TrainScale
	return i.spread(), nil
}

// spread gives every channel its number; a factor that is not given is 1.
func (i Input) spread() Input {
	all := func(v []float64) []float64 {
		if len(v) == 1 {
			return slices.Repeat(v, i.Channels)
		}
		return v
	}
	i.Mean, i.Std = all(i.Mean), all(i.Std)
	if i.TrainScale == 0 {
		i.TrainScale = 1
	}
	return i
}
