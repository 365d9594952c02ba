package model

import "vertebra/stages/internal/torch"

func init() {
	Layers.Add("batch_norm", "normalises each feature over the batch", BatchNorm{Momentum: 0.1, Eps: 1e-5})
}

// BatchNorm is torch.nn.BatchNorm1d. Keras' momentum m is 1 − m here, and its
// eps is 1e-3.
type BatchNorm struct {
	Momentum float64 `help:"share of the new batch in the running statistics" min:"0" max:"1"`
	Eps      float64 `help:"added to the variance" over:"0" max:"1"`
}

// Build makes the layer under the path.
func (b BatchNorm) Build(p torch.Path, in int64) (torch.Module, int64) {
	layer := torch.NewBatchNorm(p, in)
	layer.Momentum, layer.Eps = b.Momentum, b.Eps
	return layer, in
}
