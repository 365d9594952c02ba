package model

import "vertebra/stages/internal/torch"

func init() { Pools.Add("max", "the largest value of each map", MaxPool{}) }

// MaxPool is the largest value (AdaptiveMaxPool2d(1)).
type MaxPool struct{}

// Build makes no parameters.
func (MaxPool) Build(torch.Path) torch.Module {
	return torch.Func(func(p *torch.Pass, x torch.Tensor) torch.Tensor { return p.MaxOver(p.Watched(x), 2, 3) })
}
