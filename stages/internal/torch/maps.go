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

// Watched makes maps_BCHW, or maps_BCDHW, which are pooled over places, a leaf whose gradient can
// be asked for, if the pass is watched and has none before. Gradients are recorded from here on, until the NoGrad around the pass
// ends: what came before needs no memory for a backward pass.
func (p *Pass) Watched(maps Tensor) Tensor {
	if !p.Watch || p.Maps.Valid() {
		return maps
	}
	if _, err := setGradMode(true); err != nil {
		p.Fail(err)
	}
	p.Maps = p.Detach(maps)
	p.RequireGrad(p.Maps, true)
	return p.Maps
}
