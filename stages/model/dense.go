package model

import "vertebra/stages/internal/torch"

func init() { Layers.Add("dense", "fully connected layer", Dense{Units: 256}) }

// Dense is a linear layer with PyTorch's first weights.
type Dense struct {
	Units int `help:"how many features come out" min:"1" max:"65536"`
}

// Build makes the layer under the path.
func (d Dense) Build(p torch.Path, in int64) (torch.Module, int64) {
	return torch.NewLinear(p, in, int64(d.Units)), int64(d.Units)
}
