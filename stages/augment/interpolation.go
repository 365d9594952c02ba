package augment

import "vertebra/stages/internal/torch"

func init() {
	Augmentations.Add("interpolation", "says how all geometry of the recipe reads between pixels", Interpolation{Method: "bilinear"})
}

// Interpolation changes nothing by itself; the default without it is bilinear.
type Interpolation struct {
	Everywhere
	Method string `help:"bicubic is sharper and slower, nearest keeps the values" oneof:"bilinear bicubic nearest"`
}

var methods = map[string]torch.Interpolation{
	"bilinear": torch.Bilinear, "bicubic": torch.Bicubic, "nearest": torch.Nearest,
}

func (a Interpolation) set(s *sampling) { s.method = methods[a.Method] }
