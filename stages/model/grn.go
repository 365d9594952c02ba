package model

import "vertebra/stages/internal/torch"

// grn is global response normalisation of ConvNeXt V2 (Woo et al. 2023, equations 1 to 3):
// x + bias + weight · x · n, where n is the norm of a channel over all places, divided by the mean
// of these norms. Both weights begin at 0.
type grn struct {
	weight, bias *torch.Parameter // (channels)
	constants    *torch.Constants
}

func newGRN(p torch.Path, channels int64) grn {
	return grn{p.Parameter("weight", torch.Constant(0), channels), p.Parameter("bias", torch.Constant(0), channels), p.Constants()}
}

// Forward keeps the shape of x_BHWC. As LayerNorm, it computes in float32 in every precision.
func (g grn) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	info := p.Describe(x)
	if p.Err() != nil {
		return torch.Tensor{}
	}
	if info.DType != torch.Float32 {
		x = p.To(x, torch.Float32)
	}
	scaled := p.Mul(x, g.shares(p, x, info.Shape))
	weighed := p.Scales(g.weight, p.Mul(scaled, g.weight.Tensor))
	moved := p.Add(weighed, g.bias.Tensor)
	sum := p.Add(x, moved)
	p.Drop(scaled)
	p.Discard(weighed, moved)
	return sum
}

// shares are n_B11C. The norm of a channel without any number but 0 has the gradient 0, as
// torch.norm's: least is far below any other square.
func (g grn) shares(p *torch.Pass, x torch.Tensor, shape []int64) torch.Tensor {
	const least, most, epsilon = 1e-30, 1e30, 1e-6
	squares := p.Mul(x, x)
	means := p.MeanOver(squares, 1, 2)
	norms := p.Sqrt(p.Clamp(p.Times(means, float64(shape[1]*shape[2])), least, most))
	mean := p.Reshape(p.MeanOver(norms, 1), -1, 1)
	above := p.Add(mean, g.constants.Get(p.Scope, "grn.epsilon", func(s *torch.Scope) torch.Tensor { return s.FromFloat32([]float32{epsilon}, 1) }))
	shares := p.Reshape(p.Mul(norms, p.Reciprocal(above)), -1, 1, 1, shape[3])
	p.Discard(squares)
	return shares
}

// Fixed says whether nothing of it is trained.
func (g grn) Fixed() bool { return !g.weight.Trainable && !g.bias.Trainable }
