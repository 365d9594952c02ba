package torch

import "github.com/sugarme/gotch/ts"

// none is gotch's absent optional tensor. It lives as long as the process.
var none = ts.NewTensor()

func (s *Scope) conv2D(x, weight, bias Tensor, stride, padding int64) Tensor {
	if !s.ok("conv2d", x, weight) {
		return Tensor{}
	}
	b := none
	if bias.Valid() {
		b = bias.raw
	}
	return s.adopt(ts.Conv2d(x.raw, weight.raw, b, both(stride), both(padding), both(1), 1))
}

func (s *Scope) linear(x, weight, bias Tensor) Tensor {
	if !s.ok("linear", x, weight, bias) {
		return Tensor{}
	}
	return s.adopt(ts.Linear(x.raw, weight.raw, bias.raw))
}

func (s *Scope) batchNorm(x Tensor, b *BatchNorm, train bool) Tensor {
	if !s.ok("batch_norm", x, b.Weight.Tensor, b.Bias.Tensor, b.Mean.Tensor, b.Var.Tensor) {
		return Tensor{}
	}
	return s.adopt(ts.BatchNorm(x.raw, b.Weight.Tensor.raw, b.Bias.Tensor.raw,
		b.Mean.Tensor.raw, b.Var.Tensor.raw, train, b.Momentum, b.Eps, true))
}
