package model

import "vertebra/stages/internal/torch"

func init() {
	Pools.Add("average_max", "half the mean and half the largest value of each map", AverageMaxPool{})
}

// AverageMaxPool is timm's SelectAdaptivePool2d("avgmax").
type AverageMaxPool struct{}

// Build makes no parameters.
func (AverageMaxPool) Build(torch.Path) torch.Module {
	return torch.Func(func(p *torch.Pass, x torch.Tensor) torch.Tensor {
		x = p.Watched(x)
		return p.Times(p.Add(p.MeanOver(x, 2, 3), p.MaxOver(x, 2, 3)), 0.5)
	})
}
