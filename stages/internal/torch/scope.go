package torch

// #include "shim.h"
import "C"

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sugarme/gotch/libtch"
	"github.com/sugarme/gotch/ts"
)

// Tensor is a handle on a tensor that some scope owns. The zero Tensor stands
// for "none" and for the result of an operation that went wrong.
//
// It holds libtorch's tensor itself and not gotch's type of that name: each of
// those brings 100 kB of zeroed memory for the garbage collector's sake, which
// costs more than a small operation on the device.
type Tensor struct{ at *handle }

// handle is nil inside once its scope has freed it.
type handle struct{ raw libtch.Ctensor }

// Valid says whether there is a tensor behind the handle.
func (t Tensor) Valid() bool { return t.at != nil && t.at.raw != nil }

// Scope makes tensors and frees them when it ends. Its first error sticks:
// later operations do nothing and give zero Tensors, so that code may chain
// operations and ask for Err once.
type Scope struct {
	engine *Engine
	owned  []*handle
	err    error
}

var errStale = errors.New("a tensor was used after its scope ended, or never made")

// Err is the first error that an operation of this scope met.
func (s *Scope) Err() error { return s.err }

// Fail sets the scope's error if it has none yet; nil changes nothing.
func (s *Scope) Fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// Engine is where this scope's work runs.
func (s *Scope) Engine() *Engine { return s.engine }

// Device is where this scope makes tensors.
func (s *Scope) Device() Device { return s.engine.device }

// Inner runs work in a scope within this one and keeps the tensor it returns;
// all others that it made are freed at once.
func (s *Scope) Inner(work func(*Scope) Tensor) Tensor {
	in := &Scope{engine: s.engine, err: s.err}
	defer in.free()
	t := work(in)
	if in.err != nil {
		s.Fail(in.err)
		return Tensor{}
	}
	return in.Move(t, s)
}

// Try runs work in a scope within this one and gives its error back, so that this
// scope can go on; everything that it made is freed.
func (s *Scope) Try(work func(*Scope)) error {
	in := &Scope{engine: s.engine, err: s.err}
	defer in.free()
	work(in)
	return in.err
}

// Long gives a scope that outlives this one: for weights and optimizer state.
// Whoever asked for it frees it, on the engine's thread.
func (s *Scope) Long() *Scope { return &Scope{engine: s.engine} }

// Free frees what the scope owns; only for scopes made with Long.
func (s *Scope) Free() { s.free() }

// Move hands a tensor that this scope owns to another scope.
func (s *Scope) Move(t Tensor, to *Scope) Tensor {
	for i := len(s.owned) - 1; i >= 0; i-- {
		if s.owned[i] == t.at {
			s.owned = append(s.owned[:i], s.owned[i+1:]...)
			to.owned = append(to.owned, t.at)
			return t
		}
	}
	return t
}

// Drop lets go of a tensor of this scope before the scope ends. Others that share
// its memory, and the backward pass, are none the worse.
func (s *Scope) Drop(t Tensor) {
	for i := len(s.owned) - 1; i >= 0; i-- {
		if s.owned[i] == t.at {
			s.owned = append(s.owned[:i], s.owned[i+1:]...)
			s.release(t.at)
			return
		}
	}
}

func (s *Scope) release(h *handle) {
	C.vt_free(C.vt_tensor(h.raw))
	h.raw = nil
	s.engine.live--
}

// NoGrad runs work without recording gradients, and restores the mode there was
// before, whatever happens.
func (s *Scope) NoGrad(work func()) {
	previous, err := setGradMode(false)
	if err != nil {
		s.Fail(err)
		return
	}
	defer func() {
		if _, err := setGradMode(previous); err != nil {
			s.Fail(err)
		}
	}()
	work()
}

// call runs one of gotch's C functions that make one tensor.
func (s *Scope) call(name string, op func(out *libtch.Ctensor), operands ...Tensor) Tensor {
	if !s.ok(name, operands...) {
		return Tensor{}
	}
	var out libtch.Ctensor
	op(&out)
	if err := ts.TorchErr(); err != nil {
		s.Fail(clean(err))
		return Tensor{}
	}
	return s.own(out)
}

// own takes a tensor of libtorch into the scope.
func (s *Scope) own(raw libtch.Ctensor) Tensor {
	h := &handle{raw: raw}
	s.owned = append(s.owned, h)
	s.engine.live++
	return Tensor{at: h}
}

// ok says whether an operation may go ahead on these tensors.
func (s *Scope) ok(operation string, tensors ...Tensor) bool {
	if s.err != nil {
		return false
	}
	for _, t := range tensors {
		if !t.Valid() {
			s.Fail(fmt.Errorf("%s: %w", operation, errStale))
			return false
		}
	}
	return true
}

func (s *Scope) free() {
	for i := len(s.owned) - 1; i >= 0; i-- {
		s.release(s.owned[i])
	}
	s.owned = nil
}

// clean keeps what libtorch said and drops the stack traces around it.
func clean(err error) error {
	text := err.Error()
	for _, mark := range []string{"\ngoroutine ", "\nException raised from", "Exception raised from"} {
		if i := strings.Index(text, mark); i >= 0 {
			text = text[:i]
		}
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "failed: Libtorch API Error: ", ""), "Libtorch API Error: ", "")
	return torchError(strings.TrimSpace(text))
}
