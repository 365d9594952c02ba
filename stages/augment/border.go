package augment

import "vertebra/stages/internal/torch"

func init() {
	Augmentations.Add("border", "says what lies outside the image for all geometry of the recipe", Border{Fill: "nearest"})
}

// Border changes nothing by itself. Since geometry is composed and applied
// once, there is one border for all of it.
type Border struct {
	Everywhere
	Fill  string  `help:"the nearest pixel, a constant, or the image mirrored at its edge" oneof:"nearest constant reflect"`
	Value float64 `help:"the constant; black is 0, white is 1" min:"0" max:"1"`
}

var borders = map[string]torch.Border{
	"nearest": torch.BorderNearest, "constant": torch.BorderConstant, "reflect": torch.BorderReflect,
}

func (a Border) set(s *sampling) {
	s.outside = torch.Outside{Border: borders[a.Fill], Value: a.Value}
}
