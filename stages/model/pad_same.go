package model

import "vertebra/stages/internal/torch"

// padSame pads maps as TensorFlow's padding SAME does before a convolution that has a stride: there are
// size/stride places, rounded up, and where the pixels that this takes are odd the last is below and to
// the right. It follows timm's pad_same.
type padSame struct {
	kernel, stride int64
	alone          bool // nothing else needs the maps, which need not be kept then
}

// Forward makes maps_BCHW of maps_BCHW.
func (m padSame) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return torch.Tensor{}
	}
	if m.alone {
		p.Passing(x)
	}
	above, below := m.of(shape[2])
	left, right := m.of(shape[3])
	return p.PadAround(x, above, below, left, right)
}

// of is how many go before so many pixels, and how many behind.
func (m padSame) of(size int64) (before, behind int64) {
	places := (size + m.stride - 1) / m.stride
	all := max(0, (places-1)*m.stride+m.kernel-size)
	return all / 2, all - all/2
}

// Fixed is always so.
func (padSame) Fixed() bool { return true }
