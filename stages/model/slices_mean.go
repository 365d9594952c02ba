package model

import "vertebra/stages/internal/torch"

func init() { Poolings.Add("mean", "the mean of each feature over the slices", MeanOfSlices{}) }

// MeanOfSlices is the mean.
type MeanOfSlices struct{}

// Build makes no parameters.
func (MeanOfSlices) Build(_ torch.Path, _, features int64) (torch.Module, int64) {
	return torch.Func(func(p *torch.Pass, x torch.Tensor) torch.Tensor { return p.MeanOver(x, 1) }), features
}
