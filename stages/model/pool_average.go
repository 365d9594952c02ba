package model

import "vertebra/stages/internal/torch"

func init() { Pools.Add("average", "the mean of each map, as torchvision has it", AveragePool{}) }

// AveragePool is the mean (AdaptiveAvgPool2d(1)).
type AveragePool struct{}

// Build makes no parameters.
func (AveragePool) Build(torch.Path) torch.Module { return torch.GlobalAverage }
