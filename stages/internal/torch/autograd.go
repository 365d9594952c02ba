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
