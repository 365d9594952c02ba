package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("hue", "turns all colours around the colour wheel", Hue{When: Always, By: 0.05})
}

// Hue turns the hue by a share of the circle from U(−By, By)
// (torchvision.transforms.functional.adjust_hue).
type Hue struct {
	By float64 `help:"largest turn, as a share of the whole circle: 1/6 makes red yellow" min:"0" max:"0.5"`
	When
}

// Draw draws the turn.
func (a Hue) Draw(r *rand.Rand, _ Size) []float64 { return []float64{uniform(r, -a.By, a.By)} }

// Apply turns colours.
func (a Hue) Apply(m Images) torch.Tensor {
	if !m.Colours {
		return m.Images_NCHW
	}
	return m.Clamp(m.TurnHue(m.Images_NCHW, m.Number(0)), 0, 1)
}

func (Hue) ofColours() {}
