package augment

import (
	"math/rand/v2"
	"slices"

	"vertebra/stages/registry"
)

func init() {
	Augmentations.Add("trivial_augment", "gives each image one operation of a list, as strong as chance wants (Müller and Hutter 2021)", TrivialAugment{Of: ofGrey(), When: Always})
}

// TrivialAugment is TrivialAugment (Müller and Hutter 2021, TrivialAugment: Tuning-free Yet State-of-the-Art
// Data Augmentation) with the wide ranges of torchvision.transforms.TrivialAugmentWide, without equalize. A shift
// is 32 pixels at most as there, and no more than 150/331 of the side. What is turned or moved has the
// recipe's border.
type TrivialAugment struct {
	Of []string `help:"the operations to choose from: identity, shear_horizontal, shear_vertical, shift_horizontal, shift_vertical, rotate, brightness, contrast, sharpness, posterize, solarize, autocontrast, and saturation for images in colour" required:"true"`
	When
}

// Validate wants operations.
func (a TrivialAugment) Validate() error {
	if err := validOperations(a.Of); err != nil {
		return err
	}
	return a.When.Validate()
}

// Members are the operations.
func (a TrivialAugment) Members() []registry.One[Augmentation] {
	return members(a.Of, "wide", anyLevel)
}

// Choose picks one.
func (a TrivialAugment) Choose(r *rand.Rand) []int { return []int{chooseOperation(a.Of, r)} }

// chooseOperation is the position among the members; behind the last for identity.
func chooseOperation(of []string, r *rand.Rand) int {
	at, all := r.IntN(len(of)), len(of)
	if slices.Contains(of, "identity") {
		all--
	}
	return min(at, all)
}
