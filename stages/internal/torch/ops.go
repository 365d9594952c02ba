package torch

// Shapes: B batch, C channels, H height, W width, F features, K classes.

// #include "shim.h"
import "C"

import (
	"github.com/sugarme/gotch"
	"github.com/sugarme/gotch/ts"
)

// unary applies an operation of gotch to one tensor.
func (s *Scope) unary(name string, x Tensor, op func(*ts.Tensor) (*ts.Tensor, error)) Tensor {
	if !s.ok(name, x) {
		return Tensor{}
	}
	return s.adopt(op(x.raw))
}

// Add is x + y.
func (s *Scope) Add(x, y Tensor) Tensor {
	if !s.ok("add", x, y) {
		return Tensor{}
	}
	return s.adopt(x.raw.Add(y.raw, false))
}

// Mul is x · y, element by element.
func (s *Scope) Mul(x, y Tensor) Tensor {
	if !s.ok("mul", x, y) {
		return Tensor{}
	}
	return s.adopt(x.raw.Mul(y.raw, false))
}

// Sub is x − y.
func (s *Scope) Sub(x, y Tensor) Tensor {
	if !s.ok("sub", x, y) {
		return Tensor{}
	}
	return s.adopt(x.raw.Sub(y.raw, false))
}

// MatMul is the product of x_NM and y_MK.
func (s *Scope) MatMul(x, y Tensor) Tensor {
	if !s.ok("matmul", x, y) {
		return Tensor{}
	}
	return s.adopt(x.raw.Matmul(y.raw, false))
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

// Reshape gives x another shape with as many elements.
func (s *Scope) Reshape(x Tensor, shape ...int64) Tensor {
	if !s.ok("reshape", x) {
		return Tensor{}
	}
	d, n := dims(shape)
	var out C.vt_tensor
	message := C.vt_view(x.c(), d, n, &out)
	return s.made(out, message)
}

// Expand repeats dimensions of length 1 without copying.
func (s *Scope) Expand(x Tensor, shape ...int64) Tensor {
	return s.unary("expand", x, func(t *ts.Tensor) (*ts.Tensor, error) { return t.Expand(shape, false, false) })
}

// Flatten makes x_BF of x_BCHW.
func (s *Scope) Flatten(x Tensor) Tensor {
	return s.unary("flatten", x, func(t *ts.Tensor) (*ts.Tensor, error) { return t.Flatten(1, -1, false) })
}

// ReLU is max(x, 0).
func (s *Scope) ReLU(x Tensor) Tensor {
	return s.unary("relu", x, func(t *ts.Tensor) (*ts.Tensor, error) { return t.Relu(false) })
}

// Mean is the mean over all elements.
func (s *Scope) Mean(x Tensor) Tensor {
	return s.unary("mean", x, func(t *ts.Tensor) (*ts.Tensor, error) { return t.Mean(gotch.Float, false) })
}

// Softmax turns logits_BK into probabilities_BK.
func (s *Scope) Softmax(logits Tensor) Tensor {
	return s.unary("softmax", logits, func(t *ts.Tensor) (*ts.Tensor, error) { return t.Softmax(1, gotch.Float, false) })
}

// MaxPool2D takes the largest value of each window.
func (s *Scope) MaxPool2D(x Tensor, kernel, stride, padding int64) Tensor {
	return s.unary("max_pool2d", x, func(t *ts.Tensor) (*ts.Tensor, error) {
		return t.MaxPool2d(both(kernel), both(stride), both(padding), both(1), false, false)
	})
}

// AverageGlobally makes x_BC11 of x_BCHW, as AdaptiveAvgPool2d(1) does.
func (s *Scope) AverageGlobally(x Tensor) Tensor {
	return s.unary("adaptive_avg_pool2d", x, func(t *ts.Tensor) (*ts.Tensor, error) {
		return t.AdaptiveAvgPool2d(both(1), false)
	})
}

// AffineGrid makes a sampling grid_BHW2 from matrices_B23 that map normalised
// output places to normalised input places (torch.nn.functional.affine_grid
// with align_corners=False).
func (s *Scope) AffineGrid(matrices Tensor, batch, channels, height, width int64) Tensor {
	return s.unary("affine_grid", matrices, func(t *ts.Tensor) (*ts.Tensor, error) {
		return ts.AffineGridGenerator(t, []int64{batch, channels, height, width}, false)
	})
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
	if !s.ok("grid_sample", images, grid) {
		return Tensor{}
	}
	return s.adopt(ts.GridSampler(images.raw, grid.raw, 0, int64(border), false))
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
