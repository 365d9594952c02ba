package torch

// Linear is torch.nn.Linear with a bias.
type Linear struct {
	Weight *Parameter // (out, in)
	Bias   *Parameter // (out)
}

// NewLinear makes a fully connected layer under the path.
func NewLinear(p Path, in, out int64) *Linear {
	return &Linear{Weight: p.Parameter("weight", FanIn(in), out, in), Bias: p.Parameter("bias", FanIn(in), out)}
}

// Forward makes features_BO of features_BI.
func (l *Linear) Forward(p *Pass, x Tensor) Tensor {
	return p.linear(x, l.Weight.Tensor, l.Bias.Tensor)
}
