package torch

// Operations on the slices of a sample: S slices in a row, of F features each.

// #include "shim.h"
// #include "shim_device.h"
import "C"

import "github.com/sugarme/gotch/libtch"

// Tanh is the hyperbolic tangent.
func (s *Scope) Tanh(x Tensor) Tensor {
	return s.call("tanh", func(out *libtch.Ctensor) { libtch.AtgTanh(out, x.at.raw) }, x)
}

// Times multiplies by one number of the host's, which nothing waits for.
func (s *Scope) Times(x Tensor, factor float64) Tensor {
	if !s.ok("times", x) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_times(x.c(), C.double(factor), &out)
	return s.made(out, message)
}

// SoftmaxOver makes shares along one dimension.
func (s *Scope) SoftmaxOver(x Tensor, dim int64) Tensor {
	return s.call("softmax", func(out *libtch.Ctensor) { libtch.AtgSoftmax(out, x.at.raw, dim, int32(Float32)) }, x)
}

// MeanOver is the mean along some dimensions, which are gone then.
func (s *Scope) MeanOver(x Tensor, dims ...int64) Tensor {
	return s.call("mean", func(out *libtch.Ctensor) {
		libtch.AtgMeanDim(out, x.at.raw, dims, len(dims), 0, int32(Float32))
	}, x)
}

// MaxOver is the largest number along some dimensions, which are gone then. Of equal ones
// each gets its part of the gradient.
func (s *Scope) MaxOver(x Tensor, dims ...int64) Tensor {
	return s.call("amax", func(out *libtch.Ctensor) { libtch.AtgAmax(out, x.at.raw, dims, len(dims), 0) }, x)
}

// Reciprocal is 1 / x.
func (s *Scope) Reciprocal(x Tensor) Tensor {
	return s.call("reciprocal", func(out *libtch.Ctensor) { libtch.AtgReciprocal(out, x.at.raw) }, x)
}

// Transpose swaps two dimensions without copying.
func (s *Scope) Transpose(x Tensor, one, other int64) Tensor {
	return s.call("transpose", func(out *libtch.Ctensor) { libtch.AtgTranspose(out, x.at.raw, one, other) }, x)
}

// InFloat32 runs work without autocast, in whose place products and convolutions would
// round.
func (s *Scope) InFloat32(work func() Tensor) Tensor {
	if s.err != nil {
		return Tensor{}
	}
	kind, _ := s.engine.device.c()
	var before C.vt_autocast_state
	if err := fault(C.vt_autocast_pause(kind, &before)); err != nil {
		s.Fail(err)
		return Tensor{}
	}
	defer func() { s.note(C.vt_autocast_leave(kind, &before)) }()
	return work()
}

// Shifted moves x_BSHW by so many slices: slice i is what was at i + by, and beyond the ends
// the outermost again.
func (s *Scope) Shifted(x Tensor, by int64) Tensor {
	shape := s.Describe(x).Shape
	if s.err != nil || by == 0 {
		return x
	}
	n := shape[1]
	by = min(max(by, 1-n), n-1)
	kept, edge, missing := s.Narrow(x, 1, max(by, 0), n-max(by, -by)), int64(0), max(by, -by)
	if by > 0 {
		edge = n - 1
	}
	repeated := s.Expand(s.Narrow(x, 1, edge, 1), shape[0], missing, shape[2], shape[3])
	if by > 0 {
		return s.Stack(kept, repeated)
	}
	return s.Stack(repeated, kept)
}

// Windows makes x_(B,S·w,H,W) of x_BSHW: each slice with its w − 1 nearest beside it, w odd.
func (s *Scope) Windows(x Tensor, w int64) Tensor {
	shape := s.Describe(x).Shape
	if s.err != nil || w < 2 {
		return x
	}
	beside := make([]libtch.Ctensor, 0, w)
	var operands []Tensor
	for by := -w / 2; by <= w/2; by++ {
		one := s.Shifted(x, by)
		if !one.Valid() {
			return Tensor{}
		}
		beside, operands = append(beside, one.at.raw), append(operands, one)
	}
	all := s.call("stack", func(out *libtch.Ctensor) { libtch.AtgStack(out, beside, len(beside), 2) }, operands...)
	return s.Reshape(all, shape[0], shape[1]*w, shape[2], shape[3])
}
