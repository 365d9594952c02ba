package model

import "vertebra/stages/internal/torch"

func init() { Poolings.Add("max", "the largest value of each feature over the slices", MaxOfSlices{}) }

// MaxOfSlices is the largest value: one slice is enough to say yes.
type MaxOfSlices struct{}

// Build makes no parameters.
func (MaxOfSlices) Build(_ torch.Path, _, features int64) (torch.Module, int64) {
	return torch.Func(func(p *torch.Pass, x torch.Tensor) torch.Tensor { return p.MaxOver(x, 1) }), features
}
