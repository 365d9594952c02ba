package torch

import "github.com/sugarme/gotch/libtch"

// LayerNorm is torch.nn.LayerNorm over the channels of each place (Ba et al. 2016).
type LayerNorm struct {
	Weight, Bias *Parameter // (channels); Bias may be nil
	Eps          float64    // added to the variance
}

// NewLayerNorm makes the layer under the path.
func NewLayerNorm(p Path, channels int64, eps float64) *LayerNorm {
	return &LayerNorm{Weight: p.Parameter("weight", Constant(1), channels), Bias: p.Parameter("bias", Constant(0), channels), Eps: eps}
}

// NewBareLayerNorm makes one without bias.
func NewBareLayerNorm(p Path, channels int64, eps float64) *LayerNorm {
	return &LayerNorm{Weight: p.Parameter("weight", Constant(1), channels), Eps: eps}
}

// Forward normalises the last dimension of x: (…, C). It computes in float32 in every
// precision, as autocast has it on a GPU.
func (l *LayerNorm) Forward(p *Pass, x Tensor) Tensor {
	if p.Describe(x).DType != Float32 {
		x = p.To(x, Float32)
	}
	weight, bias, operands := l.Weight.Tensor, none, []Tensor{x, l.Weight.Tensor}
	if l.Bias != nil {
		bias, operands = l.Bias.Tensor.at.raw, append(operands, l.Bias.Tensor)
	}
	return p.Scales(l.Weight, p.call("layer_norm", func(out *libtch.Ctensor) {
		libtch.AtgLayerNorm(out, x.at.raw, l.Weight.Shape, 1, weight.at.raw, bias, l.Eps, 1)
	}, operands...))
}

// Fixed says whether nothing of it is trained.
func (l *LayerNorm) Fixed() bool { return frozen(l.Weight, l.Bias) }
