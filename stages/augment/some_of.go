package augment

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"vertebra/stages/registry"
)

func init() {
	Augmentations.Add("some_of", "gives each image several of a list of augmentations, in the list's order", SomeOf{When: Always, AtLeast: 1, AtMost: 2},
		"some_of: {of: [brightness, contrast, gamma], at_most: 2}")
}

// SomeOf picks AtLeast to AtMost different members for each image; a member's own p
// then counts as well.
type SomeOf struct {
	Of      []registry.One[Augmentation] `help:"the augmentations to choose from" required:"true"`
	AtLeast int                          `help:"fewest that are chosen" min:"0"`
	AtMost  int                          `help:"most that are chosen" min:"1"`
	When
}

// Validate wants enough to choose from.
func (a SomeOf) Validate() error {
	if a.AtLeast > a.AtMost || a.AtMost > len(a.Of) {
		return fmt.Errorf("wants at_least ≤ at_most ≤ %d, the length of of; got %d and %d", len(a.Of), a.AtLeast, a.AtMost)
	}
	return validChoice(a.When, a.Of)
}

// Members are those to choose from.
func (a SomeOf) Members() []registry.One[Augmentation] { return a.Of }

// Choose picks how many, then which.
func (a SomeOf) Choose(r *rand.Rand) []int {
	n := a.AtLeast + r.IntN(a.AtMost-a.AtLeast+1)
	out := r.Perm(len(a.Of))[:n]
	slices.Sort(out)
	return out
}
