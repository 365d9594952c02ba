package preprocess

import (
	"fmt"

	"vertebra/stages/internal/kernel"
)

func init() {
	Steps.Add("uint8", "rounds to 256 grey levels; as the last step it halves the memory, since images are then stored in one byte a pixel", Uint8{})
}

// Uint8 rounds to the nearest of 256 levels.
type Uint8 struct{}

// Apply rounds. Numbers that are none are left for the store to refuse.
func (Uint8) Apply(p *Picture) error {
	kernel.Levels(p.Pixels)
	return nil
}

// Values must be in [0, 1] and stay there.
func (Uint8) Values(in Values) (Values, error) {
	if in != Unit {
		return in, fmt.Errorf("it wants %s, they are %s; put a window before it", Unit, in)
	}
	return Unit, nil
}

// Shape stays.
func (Uint8) Shape(in Shape) (Shape, error) { return in, nil }

// Version is that of the rounding.
func (Uint8) Version() int { return 1 }
