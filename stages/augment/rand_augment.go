package augment

import (
	"math/rand/v2"

	"vertebra/stages/registry"
)

func init() {
	Augmentations.Add("rand_augment", "gives each image several operations of a list, all as strong as the file says (Cubuk et al. 2020)", RandAugment{Operations: 2, Strength: 9, Of: ofGrey(), When: Always})
}

// RandAugment is RandAugment (Cubuk et al. 2020, RandAugment: Practical Automated Data Augmentation with a
// Reduced Search Space) with the ranges of torchvision.transforms.RandAugment, without equalize. An operation may
// come more than once. As everywhere here what moves pixels comes first, in one reading of the image.
type RandAugment struct {
	Operations int      `help:"how many each image gets" min:"1" max:"16"`
	Strength   int      `help:"level of all of them, of 30" min:"0" max:"30"`
	Of         []string `help:"the operations to choose from: identity, shear_horizontal, shear_vertical, shift_horizontal, shift_vertical, rotate, brightness, contrast, sharpness, posterize, solarize, autocontrast, and saturation for images in colour" required:"true"`
	When
}

// Validate wants operations.
func (a RandAugment) Validate() error {
	if err := validOperations(a.Of); err != nil {
		return err
	}
	return a.When.Validate()
}

// Members are the operations, once for each of those that an image gets.
func (a RandAugment) Members() (out []registry.One[Augmentation]) {
	for range a.Operations {
		out = append(out, members(a.Of, "narrow", a.Strength)...)
	}
	return out
}

// Choose picks one of each round.
func (a RandAugment) Choose(r *rand.Rand) []int {
	each := len(members(a.Of, "narrow", a.Strength))
	out := []int{}
	for round := range a.Operations {
		if at := chooseOperation(a.Of, r); at < each {
			out = append(out, round*each+at)
		}
	}
	return out
}
