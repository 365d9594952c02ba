package torch

// #include "shim.h"
import "C"

// RequireGrad says whether gradients of the tensor are wanted.
func (s *Scope) RequireGrad(t Tensor, on bool) {
	if s.ok("requires_grad", t) {
		s.note(C.vt_requires_grad(t.c(), flag(on)))
	}
}

// Backward computes the gradients of a loss of one element.
func (s *Scope) Backward(loss Tensor) {
	if s.ok("backward", loss) {
		s.note(C.vt_backward(loss.c()))
	}
}

// Slope is the gradient of a leaf, for which a backward pass goes on.
type Slope struct {
	leaf  Tensor
	slope C.vt_slope
}

// WantSlope has a backward pass leave the gradient of a leaf. Take must be called once.
func (s *Scope) WantSlope(leaf Tensor) *Slope {
	w := &Slope{leaf: leaf}
	if s.ok("want a gradient", leaf) {
		s.note(C.vt_slope_open(leaf.c(), &w.slope))
	}
	return w
}

// Take gives what came, or the zero Tensor. Its numbers lie in memory as the backward pass left
// them, by which what is computed of them may round otherwise; those of Grad lie as the leaf's do.
func (w *Slope) Take(s *Scope) Tensor {
	if w.slope == nil {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_slope_close(w.slope, &out)
	w.slope = nil
	if s.Err() == nil && w.leaf.Valid() {
		s.ClearGrads([]Tensor{w.leaf})
	}
	if message == nil && out == nil {
		return Tensor{}
	}
	return s.made(out, message)
}

// BackwardFrom computes the gradients of what made a tensor, whose own gradient slope is, of
// the same shape. Where nothing that made it wants gradients, nothing happens.
func (s *Scope) BackwardFrom(made, slope Tensor) {
	if s.ok("backward", made, slope) {
		s.note(C.vt_backward_from(made.c(), slope.c()))
	}
}

// Grad is the gradient of a leaf, or the zero Tensor where it has none.
func (s *Scope) Grad(t Tensor) Tensor {
	if !s.ok("grad", t) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_grad(t.c(), &out)
	if message == nil && out == nil {
		return Tensor{}
	}
	return s.made(out, message)
}

// ClearGrads forgets the gradients of the given leaves, so that the next
// backward pass starts afresh.
func (s *Scope) ClearGrads(leaves []Tensor) {
	if s.ok("clear gradients", leaves...) {
		s.note(C.vt_clear_grads(handles(leaves), C.int(len(leaves))))
	}
}
