package torch

// #include "shim_volumes.h"
import "C"

import "github.com/sugarme/gotch/libtch"

// MaxPool3D is torch.nn.MaxPool3d with cubic windows. libtorch's backward pass on a GPU adds
// up what overlapping windows want of a place in any order; so where the same bits are
// wanted, training pools within slices first and through them then. That gives the same
// maxima, of equal ones those at the same places, and keeps what lies between.
func MaxPool3D(kernel, stride, padding int64) Module { return maxPool3D{kernel, stride, padding} }

type maxPool3D struct{ kernel, stride, padding int64 }

// Fixed is always so.
func (maxPool3D) Fixed() bool { return true }

// Forward makes maps_BCDHW of maps_BCDHW.
func (m maxPool3D) Forward(p *Pass, x Tensor) Tensor {
	training := p.Train || p.Keep
	if !training || p.engine.tracing || !p.engine.deterministic {
		return p.noted(p.maxPool3D(x, m))
	}
	between := p.noted(p.maxWithin(x, m))
	y := p.noted(p.maxThrough(between, m))
	if p.Keep {
		p.Between += int64(p.Describe(between).Elements())
	}
	p.Drop(between)
	return y
}

// noted counts the place of each maximum, which max-pooling keeps.
func (p *Pass) noted(maxima Tensor) Tensor {
	if p.Keep {
		p.Places += int64(p.Describe(maxima).Elements())
	}
	return maxima
}

func (s *Scope) maxPool3D(x Tensor, m maxPool3D) Tensor {
	return s.call("max_pool3d", func(out *libtch.Ctensor) {
		libtch.AtgMaxPool3d(out, x.at.raw, thrice(m.kernel), 3, thrice(m.stride), 3, thrice(m.padding), 3, thrice(1), 3, 0)
	}, x)
}

func (s *Scope) maxWithin(x Tensor, m maxPool3D) Tensor {
	if !s.ok("max_pool3d", x) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_max_within(x.c(), C.int64_t(m.kernel), C.int64_t(m.stride), C.int64_t(m.padding), &out)
	return s.made(out, message)
}

func (s *Scope) maxThrough(x Tensor, m maxPool3D) Tensor {
	if !s.ok("max_pool3d", x) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_max_through(x.c(), C.int64_t(m.kernel), C.int64_t(m.stride), C.int64_t(m.padding), &out)
	return s.made(out, message)
}

// AveragePool3D makes maps_BCDHW of maps_BCDHW: the mean of each window of kernel³ places. With
// a stride no smaller than the kernel, windows do not overlap, and a GPU too gives the same
// bits each time, of which libtorch warns all the same.
func (s *Scope) AveragePool3D(x Tensor, kernel, stride int64) Tensor {
	return s.call("avg_pool3d", func(out *libtch.Ctensor) {
		libtch.AtgAvgPool3d(out, x.at.raw, thrice(kernel), 3, thrice(stride), 3, thrice(0), 3, 0, 1, 0, 1)
	}, x)
}

// PadChannels puts so many channels of zeros behind those of x_BC….
func (s *Scope) PadChannels(x Tensor, behind int64) Tensor {
	pads := make([]int64, 2*(len(s.Describe(x).Shape)-1)) // the last dimension first
	if s.err != nil {
		return Tensor{}
	}
	pads[len(pads)-1] = behind
	return s.call("constant_pad_nd", func(out *libtch.Ctensor) {
		libtch.AtgConstantPadNd(out, x.at.raw, pads, len(pads))
	}, x)
}

func thrice(n int64) []int64 { return []int64{n, n, n} }
