package torch

// Shapes: B batch, C channels, H height, W width, F features, K classes.

// #include "shim.h"
import "C"

import (
	"slices"

	"github.com/sugarme/gotch/libtch"
)

// Add is x + y.
func (s *Scope) Add(x, y Tensor) Tensor {
	return s.call("add", func(out *libtch.Ctensor) { libtch.AtgAdd(out, x.at.raw, y.at.raw) }, x, y)
}

// Mul is x · y, element by element.
func (s *Scope) Mul(x, y Tensor) Tensor {
	return s.call("mul", func(out *libtch.Ctensor) { libtch.AtgMul(out, x.at.raw, y.at.raw) }, x, y)
}

// Sub is x − y.
func (s *Scope) Sub(x, y Tensor) Tensor {
	return s.call("sub", func(out *libtch.Ctensor) { libtch.AtgSub(out, x.at.raw, y.at.raw) }, x, y)
}

// MatMul is the product of x_NM and y_MK.
func (s *Scope) MatMul(x, y Tensor) Tensor {
	return s.call("matmul", func(out *libtch.Ctensor) { libtch.AtgMatmul(out, x.at.raw, y.at.raw) }, x, y)
}

// Scale is x · factor + addend, all broadcast.
func (s *Scope) Scale(x, factor, addend Tensor) Tensor {
	if !s.ok("scale", x, factor, addend) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_affine(x.c(), factor.c(), addend.c(), &out)
	return s.made(out, message)
}

// Clamp limits every element to [low, high].
func (s *Scope) Clamp(x Tensor, low, high float64) Tensor {
	if !s.ok("clamp", x) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_clamp(x.c(), C.double(low), C.double(high), &out)
	return s.made(out, message)
}

// Reshape gives x another shape with as many elements. The batch may be part of the first
// dimension alone, see Trace.
func (s *Scope) Reshape(x Tensor, shape ...int64) Tensor {
	if !s.ok("reshape", x) {
		return Tensor{}
	}
	if s.engine.tracing && len(shape) > 0 {
		shape = append([]int64{-1}, shape[1:]...) // whatever the batch
	}
	d, n := dims(shape)
	var out C.vt_tensor
	message := C.vt_view(x.c(), d, n, &out)
	return s.made(out, message)
}

// Expand repeats dimensions of length 1 without copying.
func (s *Scope) Expand(x Tensor, shape ...int64) Tensor {
	if s.engine.tracing {
		shape = free(shape, s.Describe(x).Shape)
	}
	return s.call("expand", func(out *libtch.Ctensor) { libtch.AtgExpand(out, x.at.raw, shape, len(shape), 0) }, x)
}

// free leaves open how long a dimension is that stays as it is.
func free(shape, before []int64) []int64 {
	out := slices.Clone(shape)
	for i, n := range before {
		if at := len(out) - len(before) + i; at >= 0 && out[at] == n {
			out[at] = -1
		}
	}
	return out
}

// Flatten makes x_BF of x_BCHW.
func (s *Scope) Flatten(x Tensor) Tensor {
	return s.call("flatten", func(out *libtch.Ctensor) { libtch.AtgFlatten(out, x.at.raw, 1, -1) }, x)
}

// ReLU is max(x, 0).
func (s *Scope) ReLU(x Tensor) Tensor {
	return s.call("relu", func(out *libtch.Ctensor) { libtch.AtgRelu(out, x.at.raw) }, x)
}

// Log is the natural logarithm.
func (s *Scope) Log(x Tensor) Tensor {
	return s.call("log", func(out *libtch.Ctensor) { libtch.AtgLog(out, x.at.raw) }, x)
}

// Mean is the mean over all elements.
func (s *Scope) Mean(x Tensor) Tensor {
	return s.call("mean", func(out *libtch.Ctensor) { libtch.AtgMean(out, x.at.raw, int32(Float32)) }, x)
}

// Softmax turns logits_BK into probabilities_BK.
func (s *Scope) Softmax(logits Tensor) Tensor {
	return s.call("softmax", func(out *libtch.Ctensor) { libtch.AtgSoftmax(out, logits.at.raw, 1, int32(Float32)) }, logits)
}

// MaxPool2D takes the largest value of each window.
func (s *Scope) MaxPool2D(x Tensor, kernel, stride, padding int64) Tensor {
	return s.call("max_pool2d", func(out *libtch.Ctensor) {
		libtch.AtgMaxPool2d(out, x.at.raw, both(kernel), 2, both(stride), 2, both(padding), 2, both(1), 2, 0)
	}, x)
}

// AverageGlobally makes x_BC11 of x_BCHW, as AdaptiveAvgPool2d(1) does.
func (s *Scope) AverageGlobally(x Tensor) Tensor {
	return s.call("adaptive_avg_pool2d", func(out *libtch.Ctensor) { libtch.AtgAdaptiveAvgPool2d(out, x.at.raw, both(1), 2) }, x)
}

// AffineGrid makes a sampling grid_BHW2 from matrices_B23 that map normalised
// output places to normalised input places (torch.nn.functional.affine_grid
// with align_corners=False).
func (s *Scope) AffineGrid(matrices Tensor, batch, channels, height, width int64) Tensor {
	return s.call("affine_grid", func(out *libtch.Ctensor) {
		libtch.AtgAffineGridGenerator(out, matrices.at.raw, []int64{batch, channels, height, width}, 4, 0)
	}, matrices)
}

// Border says what GridSample finds outside an image.
type Border int64

// The borders, by libtorch's numbers.
const (
	BorderConstant Border = 0 // zero
	BorderNearest  Border = 1 // the nearest pixel
	BorderReflect  Border = 2 // the image mirrored
)

// GridSample interpolates images_BCHW bilinearly at the places of grid_BHW2.
func (s *Scope) GridSample(images, grid Tensor, border Border) Tensor {
	return s.call("grid_sample", func(out *libtch.Ctensor) {
		libtch.AtgGridSampler(out, images.at.raw, grid.at.raw, 0, int64(border), 0)
	}, images, grid)
}

// Reduction says how per-sample losses become one.
type Reduction int

// The reductions, by libtorch's numbers.
const (
	ReduceNone Reduction = 0
	ReduceMean Reduction = 1 // with class weights: divided by the sum of the weights
	ReduceSum  Reduction = 2
)

// CrossEntropy is torch.nn.functional.cross_entropy of logits_BK and targets_B
// (class indices). Weight_K may be the zero Tensor.
func (s *Scope) CrossEntropy(logits, targets, weight Tensor, r Reduction, smoothing float64) Tensor {
	if !s.ok("cross_entropy", logits, targets) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_cross_entropy(logits.c(), targets.c(), weight.c(), C.int(r), C.double(smoothing), &out)
	return s.made(out, message)
}

func both(n int64) []int64 { return []int64{n, n} }
