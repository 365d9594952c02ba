package torch

// #include "shim.h"
import "C"

// Detach gives the same numbers without the history that made them.
func (s *Scope) Detach(t Tensor) Tensor {
	if !s.ok("detach", t) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_detach(t.c(), &out)
	return s.made(out, message)
}

// watch makes maps_BCHW a leaf whose gradient can be asked for, if the pass is
// watched: what came before it needs no backward pass then.
func (p *Pass) watch(maps_BCHW Tensor) Tensor {
	if !p.Watch {
		return maps_BCHW
	}
	p.Maps = p.Detach(maps_BCHW)
	p.RequireGrad(p.Maps, true)
	return p.Maps
}
