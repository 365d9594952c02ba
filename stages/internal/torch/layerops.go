package torch

import (
	"fmt"

	"github.com/sugarme/gotch/libtch"

	"vertebra/stages/stage"
)

// none is gotch's absent optional tensor. It lives as long as the process.
var none = libtch.AtNewTensor()

func (s *Scope) conv2D(x, weight, bias Tensor, o Conv2DOptions) Tensor {
	b := none
	if bias.Valid() {
		b = bias.at.raw
	}
	return s.call("conv2d", func(out *libtch.Ctensor) {
		libtch.AtgConv2d(out, x.at.raw, weight.at.raw, b, both(o.Stride), 2, both(o.Padding), 2, both(1), 2, o.Groups)
	}, x, weight)
}

func (s *Scope) linear(x, weight, bias Tensor) Tensor {
	b := none
	if bias.Valid() {
		b = bias.at.raw
	}
	return s.call("linear", func(out *libtch.Ctensor) {
		libtch.AtgLinear(out, x.at.raw, weight.at.raw, b)
	}, x, weight)
}

func (p *Pass) batchNorm(x Tensor, b *BatchNorm) Tensor {
	train := p.Train && b.Mean.Moves
	if train && p.single(x) {
		p.Fail(stage.Fault{
			Err:  fmt.Errorf("batch-norm: one number in each of %d features has no spread", b.Weight.Shape[0]),
			Hint: "show the net more images at a time: a larger train.batch, or fewer parts in train.accumulate; or leave the layer's statistics alone with batch_norm: frozen in the phase",
		})
	}
	momentum := b.Momentum
	if p.Measure > 0 {
		momentum = 1 / float64(p.Measure)
	}
	weight, bias, mean, variance := b.Weight.Tensor, b.Bias.Tensor, b.Mean.Tensor, b.Var.Tensor
	return p.call("batch_norm", func(out *libtch.Ctensor) {
		moving := [2]libtch.Ctensor{mean.at.raw, variance.at.raw}
		if train && p.Again {
			moving = [2]libtch.Ctensor{}
		}
		libtch.AtgBatchNorm(out, x.at.raw, weight.at.raw, bias.at.raw, moving[0], moving[1],
			number(train), momentum, b.Eps, 1)
	}, x, weight, bias, mean, variance)
}

// single says whether x has one number in each channel. libtorch makes statistics of
// that which are not numbers; torch.nn refuses it as well.
func (s *Scope) single(x Tensor) bool {
	info := s.Describe(x)
	return s.err == nil && len(info.Shape) > 1 && info.Elements() == int(info.Shape[1])
}

func number(on bool) int32 {
	if on {
		return 1
	}
	return 0
}
