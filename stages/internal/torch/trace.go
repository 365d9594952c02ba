package torch

// #include <stdlib.h>
// #include "shim_trace.h"
import "C"

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"unsafe"

	"github.com/sugarme/gotch/libtch"
)

// Script is a net as a graph of its operations, with its weights: what TorchScript files
// hold. It is made by Trace or LoadScript, and freed on the engine's thread.
type Script struct{ script C.vt_script }

// Named is a tensor and what it is called.
type Named struct {
	Name   string
	Tensor Tensor
}

// Trace runs forward once and records what it does with the inputs. Weights, which must
// not want gradients, become buffers of the script at their dotted names; other tensors
// are constants. So are sizes that forward reads: the script works for any batch size if
// forward names it nowhere but in the first dimension of Reshape, which is left open, and
// in dimensions that Expand leaves as they are. Nobody else may use the engine meanwhile.
func (s *Scope) Trace(inputs, weights []Named, forward func() []Tensor) (*Script, error) {
	in, w := tensorsOf(inputs), tensorsOf(weights)
	if !s.ok("trace", slices.Concat(in, w)...) {
		return nil, s.Err()
	}
	inNames, freeIn := cStrings(namesOf(inputs))
	defer freeIn()
	names, freeNames := cStrings(namesOf(weights))
	defer freeNames()
	t := &Script{}
	if err := fault(C.vt_trace_begin(handles(in), inNames, C.int(len(in)), handles(w), names, C.int(len(w)), &t.script)); err != nil {
		return nil, err
	}
	if err := s.record(t, forward); err != nil {
		t.Free()
		return nil, fmt.Errorf("tracing the net: %w", err)
	}
	return t, nil
}

// record traces forward into t, and ends the trace whatever happens.
func (s *Scope) record(t *Script, forward func() []Tensor) error {
	done := false
	s.engine.tracing = true
	defer func() {
		s.engine.tracing = false
		if !done {
			C.vt_trace_abort()
		}
	}()
	return s.Try(func(s *Scope) {
		s.NoGrad(func() {
			out := forward()
			if s.ok("trace", out...) {
				s.note(C.vt_trace_end(t.script, handles(out), C.int(len(out))))
				done = s.Err() == nil
			}
		})
	})
}

// Untraced runs work without recording it: what it makes is a constant of a trace.
func (s *Scope) Untraced(work func() Tensor) Tensor {
	if !s.engine.tracing || s.err != nil {
		return work()
	}
	C.vt_trace_pause(1)
	s.engine.tracing = false
	defer func() {
		C.vt_trace_pause(0)
		s.engine.tracing = true
	}()
	return work()
}

// EachOf repeats x, of one row, for each row of of_B.
func (s *Scope) EachOf(x, of_B Tensor) Tensor {
	shape, rows := s.Describe(x).Shape, s.Describe(of_B).Shape
	if s.err != nil {
		return Tensor{}
	}
	if !s.engine.tracing {
		return s.Expand(x, append([]int64{rows[0]}, shape[1:]...)...)
	}
	return s.Add(x, s.zerosOf(of_B, len(shape))) // by a sum, which names no size
}

// ZeroStates makes the first states of a recurrent layer over x_BSI: (layers, B, units).
func (s *Scope) ZeroStates(x Tensor, layers, units int64) Tensor {
	rows := s.Describe(x).Shape
	if s.err != nil {
		return Tensor{}
	}
	if !s.engine.tracing {
		return s.Zeros(Float32, layers, rows[0], units)
	}
	one := s.Transpose(s.zerosOf(x, 3), 0, 1) // (1, B, 1)
	return s.Clone(s.Expand(one, layers, rows[0], units))
}

// zerosOf makes zeros_B1…, of so many dimensions.
func (s *Scope) zerosOf(x_B Tensor, dims int) Tensor {
	for i := int64(len(s.Describe(x_B).Shape)) - 1; i > 0; i-- {
		x := x_B
		x_B = s.call("narrow", func(out *libtch.Ctensor) { libtch.AtgNarrow(out, x.at.raw, i, 0, 1) }, x)
	}
	zeros := s.call("zeros_like", func(out *libtch.Ctensor) { libtch.AtgZerosLike(out, x_B.at.raw) }, x_B)
	shape := slices.Repeat([]int64{1}, dims)
	return s.Reshape(zeros, shape...)
}

// Graph describes the operations of a traced script, as JSON; package onnx reads it.
func (t *Script) Graph() string { return C.GoString(C.vt_script_graph(t.script)) }

// Tensor is one of the list "tensors" of the graph.
func (t *Script) Tensor(s *Scope, at int) Tensor {
	var out C.vt_tensor
	message := C.vt_script_tensor(t.script, C.int(at), &out)
	return s.made(out, message)
}

// Save writes a TorchScript file, with other files beside the module in it (torch.jit's
// _extra_files).
func (t *Script) Save(path string, extra map[string]string) error {
	keys := slices.Sorted(maps.Keys(extra))
	values := make([]string, len(keys))
	for i, key := range keys {
		values[i] = extra[key]
	}
	k, freeKeys := cStrings(keys)
	defer freeKeys()
	v, freeValues := cStrings(values)
	defer freeValues()
	place, freePlace := cStrings([]string{path})
	defer freePlace()
	return fault(C.vt_script_save(t.script, *place, k, v, C.int(len(keys))))
}

// LoadScript reads a TorchScript file, onto the CPU, and those of its extra files that
// have these names.
func LoadScript(path string, keys ...string) (*Script, map[string]string, error) {
	k, freeKeys := cStrings(keys)
	defer freeKeys()
	place, freePlace := cStrings([]string{path})
	defer freePlace()
	t, values := &Script{}, make([]*C.char, len(keys)+1)
	if err := fault(C.vt_script_load(*place, k, &values[0], C.int(len(keys)), &t.script)); err != nil {
		return nil, nil, err
	}
	extra := map[string]string{}
	for i, key := range keys {
		if values[i] != nil {
			extra[key] = C.GoString(values[i])
			C.free(unsafe.Pointer(values[i]))
		}
	}
	return t, extra, nil
}

// Forward gives the n tensors that the script makes of inputs.
func (t *Script) Forward(s *Scope, inputs []Tensor, n int) []Tensor {
	out := make([]Tensor, n)
	if !s.ok("script", inputs...) {
		return out
	}
	if n == 0 {
		s.Fail(errors.New("script: no tensors are wanted"))
		return out
	}
	raw := make([]C.vt_tensor, n)
	if err := fault(C.vt_script_forward(t.script, handles(inputs), C.int(len(inputs)), &raw[0], C.int(n))); err != nil {
		s.Fail(err)
		return out
	}
	for i := range raw {
		out[i] = s.own(libtch.Ctensor(raw[i]))
	}
	return out
}

// Free lets go of the script.
func (t *Script) Free() {
	C.vt_script_free(t.script)
	t.script = nil
}

func tensorsOf(list []Named) (out []Tensor) {
	for _, n := range list {
		out = append(out, n.Tensor)
	}
	return out
}

func namesOf(list []Named) (out []string) {
	for _, n := range list {
		out = append(out, n.Name)
	}
	return out
}

// cStrings gives at least one string, and the function that frees them.
func cStrings(list []string) (**C.char, func()) {
	out := make([]*C.char, len(list)+1)
	for i, text := range list {
		out[i] = C.CString(text)
	}
	return &out[0], func() {
		for _, text := range out {
			C.free(unsafe.Pointer(text))
		}
	}
}
