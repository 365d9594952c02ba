package model

import "vertebra/stages/internal/torch"

// convShape is how a convolution goes over an image, which is padded to keep its size.
type convShape struct{ kernel, stride, groups int64 }

// normShape is what is added to the variance in batch-norm, and the share of a new batch in its
// running statistics.
type normShape struct{ eps, momentum float64 }

// convNorm is torchvision.ops.Conv2dNormActivation, with its names: a convolution without bias, its
// batch-norm, and an activation unless that is nil.
func convNorm(p torch.Path, in, out int64, c convShape, n normShape, activation torch.Module) torch.Sequence {
	q := torch.Sequence{torch.NewConv2D(p.Sub("0"), in, out, c.kernel, torch.Conv2DOptions{
		Stride: c.stride, Padding: (c.kernel - 1) / 2, Groups: c.groups, Init: torch.FanOutNormal(out * c.kernel * c.kernel),
	})}
	norm := torch.NewBatchNorm(p.Sub("1"), out)
	norm.Eps, norm.Momentum = n.eps, n.momentum
	if q = append(q, norm); activation != nil {
		q = append(q, activation)
	}
	return q
}
