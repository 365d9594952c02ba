package torch

// #include "shim_device.h"
import "C"

import (
	"context"
	"unsafe"
)

// Ring is a set of buffers on the host from which batches travel to the device
// while it computes. Slots are used in turn: a goroutine waits for a slot, fills
// it, and hands its number to the engine's thread, which sends it.
type Ring struct {
	engine *Engine
	ring   C.vt_ring
	slots  int
	bytes  int
}

// NewRing makes slots of the given size, in pinned memory for a CUDA device.
func (s *Scope) NewRing(slots, bytes int) *Ring {
	r := &Ring{engine: s.engine, slots: slots, bytes: bytes}
	kind, index := s.engine.device.c()
	s.note(C.vt_ring_open(C.int(slots), C.int64_t(bytes), kind, index, &r.ring))
	return r
}

// Slot waits until what was sent from a slot has arrived, and gives its memory
// to be filled. Any goroutine may call it.
func (r *Ring) Slot(slot int) ([]byte, error) {
	if err := fault(C.vt_ring_wait(r.ring, C.int(slot))); err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(C.vt_ring_host(r.ring, C.int(slot))), r.bytes), nil
}

// Send starts the copy of a slot's first bytes to the device. What is computed
// from the result waits for the copy; the caller does not.
func (r *Ring) Send(s *Scope, slot, bytes int) Tensor {
	if s.err != nil {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_ring_send(r.ring, C.int(slot), C.int64_t(bytes), &out)
	return s.made(out, message)
}

// Close frees the buffers once everything sent has arrived.
func (r *Ring) Close() error {
	return r.engine.Do(context.Background(), func(s *Scope) error {
		for slot := range r.slots {
			s.note(C.vt_ring_wait(r.ring, C.int(slot)))
		}
		C.vt_ring_close(r.ring)
		r.ring = nil
		return s.Err()
	})
}
