package model

import "vertebra/stages/internal/torch"

// starReLU is s·ReLU(x)² + b of two numbers (Yu et al. 2024, "MetaFormer baselines for vision", section 2.3).
type starReLU struct{ scale, bias *torch.Parameter }

func newStarReLU(p torch.Path) starReLU {
	return starReLU{p.Parameter("scale", torch.Constant(1), 1), p.Parameter("bias", torch.Constant(0), 1)}
}

// Forward computes in float32 in every precision, as squares in PyTorch's autocast.
func (m starReLU) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	square := squaredReLU(p, x)
	scaled := p.Scales(m.scale, p.Mul(square, m.scale.Tensor))
	out := p.Add(scaled, m.bias.Tensor)
	p.Drop(square)
	p.Discard(scaled)
	return out
}

// Fixed says whether neither of them is trained.
func (m starReLU) Fixed() bool { return !m.scale.Trainable && !m.bias.Trainable }

// squaredReLU is ReLU(x)².
func squaredReLU(p *torch.Pass, x torch.Tensor) torch.Tensor {
	info := p.Describe(x)
	if p.Err() != nil {
		return torch.Tensor{}
	}
	above := p.ReLU(p.Passing(x))
	if info.DType != torch.Float32 {
		low := above
		above = p.To(low, torch.Float32)
		p.Discard(low)
	}
	square := p.Mul(above, above)
	p.Drop(above)
	return square
}
