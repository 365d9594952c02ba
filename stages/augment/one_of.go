package augment

import (
	"fmt"
	"math/rand/v2"

	"vertebra/stages/registry"
)

func init() {
	Augmentations.Add("one_of", "gives each image one of several augmentations", OneOf{When: Always},
		"one_of: {of: [{blur: {sigma: 1}}, {noise: {std: 0.05}}]}")
}

// OneOf picks one member for each image; the member's own p then counts as well.
type OneOf struct {
	Of      []registry.One[Augmentation] `help:"the augmentations to choose from" required:"true"`
	Weights []float64                    `help:"how often each is chosen, relative to the others; empty: all alike" min:"0"`
	When
}

// Validate wants something to choose from, and a weight for each.
func (a OneOf) Validate() error {
	if len(a.Weights) > 0 {
		total := 0.0
		for _, w := range a.Weights {
			total += w
		}
		if len(a.Weights) != len(a.Of) || total == 0 {
			return fmt.Errorf("weights wants one number for each of the %d in of, not all 0", len(a.Of))
		}
	}
	return validChoice(a.When, a.Of)
}

// Members are those to choose from.
func (a OneOf) Members() []registry.One[Augmentation] { return a.Of }

// Choose picks one by weight.
func (a OneOf) Choose(r *rand.Rand) []int {
	if len(a.Weights) == 0 {
		return []int{r.IntN(len(a.Of))}
	}
	total := 0.0
	for _, w := range a.Weights {
		total += w
	}
	left, last := r.Float64()*total, 0
	for i, w := range a.Weights {
		if w > 0 {
			last = i
		}
		if left < w {
			return []int{i}
		}
		left -= w
	}
	return []int{last}
}

// validChoice refuses members that hold for the whole recipe.
func validChoice(w When, of []registry.One[Augmentation]) error {
	for _, member := range of {
		if _, ok := member.Part.(Setting); ok {
			return fmt.Errorf("%s holds for the whole recipe, so it cannot be chosen; move it out of the list", member.Name)
		}
	}
	return w.Validate()
}
