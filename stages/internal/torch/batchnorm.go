package torch

// BatchNorm is torch.nn.BatchNorm1d and 2d. While its statistics are frozen, as
// they are by default with its weight, it works as in inference even during
// training: it uses the running statistics and leaves them alone, as Keras does and
// as fine-tuning of pretrained nets needs. See Store.Train.
type BatchNorm struct {
	Weight, Bias  *Parameter // (features)
	Mean, Var     *Parameter // running statistics (features)
	Momentum, Eps float64    // of the new value; added to the variance
}

// NewBatchNorm makes a batch-norm layer under the path, with PyTorch's defaults.
func NewBatchNorm(p Path, features int64) *BatchNorm {
	return &BatchNorm{
		Weight:   p.Parameter("weight", Constant(1), features),
		Bias:     p.Parameter("bias", Constant(0), features),
		Mean:     p.Buffer("running_mean", Constant(0), features),
		Var:      p.Buffer("running_var", Constant(1), features),
		Momentum: 0.1,
		Eps:      1e-5,
	}
}

// Forward normalises each feature; x is (B, C) or (B, C, H, W).
func (b *BatchNorm) Forward(p *Pass, x Tensor) Tensor {
	return p.Passing(p.Scales(b.Weight, p.batchNorm(x, b)))
}

// Fixed says whether neither weights nor statistics change.
func (b *BatchNorm) Fixed() bool { return frozen(b.Weight, b.Bias, b.Mean, b.Var) }
