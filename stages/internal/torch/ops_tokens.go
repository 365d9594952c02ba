package torch

// Operations on the tokens_BSC of a transformer, and on its maps_BHWC.

// #include "shim.h"
import "C"

import "github.com/sugarme/gotch/libtch"

// Select is x[i] along a dimension, which is gone then, without copying.
func (s *Scope) Select(x Tensor, dim, i int64) Tensor {
	return s.call("select", func(out *libtch.Ctensor) { libtch.AtgSelect(out, x.at.raw, dim, i) }, x)
}

// Narrow is x[from : from+count] along a dimension, without copying.
func (s *Scope) Narrow(x Tensor, dim, from, count int64) Tensor {
	return s.call("narrow", func(out *libtch.Ctensor) { libtch.AtgNarrow(out, x.at.raw, dim, from, count) }, x)
}

// PadBehind puts zeros below x_BHWC and to its right.
func (s *Scope) PadBehind(x Tensor, below, right int64) Tensor {
	if below == 0 && right == 0 {
		return x
	}
	return s.call("constant_pad_nd", func(out *libtch.Ctensor) {
		libtch.AtgConstantPadNd(out, x.at.raw, []int64{0, 0, 0, right, 0, below}, 6)
	}, x)
}

// PadAround puts so many rows and columns of zeros around maps_BCHW.
func (s *Scope) PadAround(x Tensor, above, below, left, right int64) Tensor {
	return s.call("constant_pad_nd", func(out *libtch.Ctensor) {
		libtch.AtgConstantPadNd(out, x.at.raw, []int64{left, right, above, below}, 4)
	}, x)
}

// roll moves x_BHWC down and to the right; what leaves comes in at the other side.
func (s *Scope) roll(x Tensor, down, right int64) Tensor {
	if down == 0 && right == 0 {
		return x
	}
	return s.call("roll", func(out *libtch.Ctensor) {
		libtch.AtgRoll(out, x.at.raw, []int64{down, right}, 2, []int64{1, 2}, 2)
	}, x)
}

// take gathers rows of x_NC by an index of whole numbers.
func (s *Scope) take(x, index Tensor) Tensor {
	return s.call("index", func(out *libtch.Ctensor) {
		libtch.AtgIndex(out, x.at.raw, []libtch.Ctensor{index.at.raw}, 1)
	}, x, index)
}

func (s *Scope) contiguous(x Tensor) Tensor {
	return s.call("contiguous", func(out *libtch.Ctensor) { libtch.AtgContiguous(out, x.at.raw) }, x)
}

// ResizeBicubic makes maps_BChw of maps_BCHW, of another size. The corners stay where they
// are (torch.nn.functional.interpolate, mode bicubic, align_corners=True).
func (s *Scope) ResizeBicubic(x Tensor, height, width int64) Tensor {
	return s.call("upsample_bicubic2d", func(out *libtch.Ctensor) {
		libtch.AtgUpsampleBicubic2d(out, x.at.raw, []int64{height, width}, 2, 1, 0, 1, 0, 1)
	}, x)
}

// ResizeBicubicBy makes maps_BChw of maps_BCHW, of another size, where a step of the one is 1/scale
// steps of the other, also where height/H is not quite the scale (torch.nn.functional.interpolate
// with scale_factor, mode bicubic).
func (s *Scope) ResizeBicubicBy(x Tensor, height, width int64, scaleDown, scaleAcross float64) Tensor {
	return s.call("upsample_bicubic2d", func(out *libtch.Ctensor) {
		libtch.AtgUpsampleBicubic2d(out, x.at.raw, []int64{height, width}, 2, 0, scaleDown, 0, scaleAcross, 0)
	}, x)
}

// ResizeBicubicSmooth makes maps_BChw of maps_BCHW, of another size, and averages where it is smaller
// (torch.nn.functional.interpolate with size, mode bicubic, antialias=True).
func (s *Scope) ResizeBicubicSmooth(x Tensor, height, width int64) Tensor {
	return s.call("upsample_bicubic2d_aa", func(out *libtch.Ctensor) {
		libtch.Atg_UpsampleBicubic2dAa(out, x.at.raw, []int64{height, width}, 2, 0, 0, 1, 0, 1)
	}, x)
}

// HasFusedAttention says whether libtorch has it: from 2.0 on.
func HasFusedAttention() bool { return C.vt_has_fused_attention() != 0 }

// fusedAttention is torch.nn.functional.scaled_dot_product_attention of queries, keys and
// values_BHSD.
func (s *Scope) fusedAttention(queries, keys, values Tensor) Tensor {
	if !s.ok("scaled_dot_product_attention", queries, keys, values) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_fused_attention(queries.c(), keys.c(), values.c(), &out)
	return s.made(out, message)
}
