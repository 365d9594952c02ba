package torch

// #include "shim_graph.h"
import "C"

import (
	"errors"
	"fmt"
)

// Graph is the forward and the backward pass of some layers, recorded once as CUDA
// graphs and then started by one call each, in place of hundreds: a small batch is
// through the device faster than a host can name its operations. Passes run in
// pairs, forward first. The numbers are those of the passes that were recorded.
type Graph struct{ graph C.vt_graph }

// errRecorded is why some operations cannot be recorded.
var errRecorded = errors.New("cannot be part of a graph")

// HasGraphs says whether the program and its libtorch can record.
func HasGraphs() bool { return C.vt_has_graphs() != 0 }

// RecordGraph records what forward makes of inputs with x's shape and type. Leaves
// are the parameters, which must stay where they are and trained as they are for as
// long as the graph is in use. Nothing that earlier passes keep for their gradients
// may be alive, and two steps should lie behind, so that libtorch has chosen its
// algorithms.
func (s *Scope) RecordGraph(x Tensor, leaves []Tensor, forward func(*Scope, Tensor) Tensor) (*Graph, error) {
	if !s.ok("record", append(leaves, x)...) {
		return nil, s.Err()
	}
	g := &Graph{}
	err := s.Try(func(s *Scope) {
		var raw C.vt_tensor
		message := C.vt_graph_open(x.c(), handles(leaves), C.int(len(leaves)), &g.graph, &raw)
		input := s.made(raw, message)
		if s.Err() != nil {
			return
		}
		done := false
		s.engine.recording = true
		defer func() {
			s.engine.recording = false
			if !done { // also where forward panics: the thread must not go on recording
				C.vt_graph_abort(g.graph)
			}
		}()
		s.note(C.vt_graph_begin(g.graph))
		output := forward(s, input)
		if s.ok("record", output) {
			s.note(C.vt_graph_finish(g.graph, output.c()))
			done = s.Err() == nil
		}
	})
	if err != nil {
		g.Close(s)
		return nil, fmt.Errorf("recording a graph: %w", err)
	}
	return g, nil
}

// Forward runs the forward pass. Its result is overwritten by the next one.
func (g *Graph) Forward(s *Scope, x Tensor) Tensor {
	if !s.ok("graph", x) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_graph_forward(g.graph, x.c(), &out)
	return s.made(out, message)
}

// Backward runs the backward pass, once the gradient of Forward's output is known.
// With share the gradients of the leaves lie in the graph until its next pass, else
// they are added to those there are.
func (g *Graph) Backward(s *Scope, output Tensor, share bool) {
	if s.ok("graph", output) {
		s.note(C.vt_graph_backward(g.graph, output.c(), flag(share)))
	}
}

// Close frees what was recorded; on the engine's thread.
func (g *Graph) Close(*Scope) {
	if g.graph != nil {
		C.vt_graph_close(g.graph)
		g.graph = nil
	}
}
