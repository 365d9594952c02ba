package torch

// #include "shim_optim.h"
import "C"

import (
	"context"
	"fmt"
)

// EMA keeps exponential moving averages of a net's tensors, buffers included,
// keyed by name (Polyak and Juditsky 1992; torch.optim.swa_utils.AveragedModel
// with get_ema_multi_avg_fn and use_buffers).
type EMA struct {
	engine     *Engine
	scope      *Scope
	parameters []*Parameter
	averages   []Tensor
	byName     map[string]int
	swapped    bool
}

// NewEMA begins with the present values.
func NewEMA(s *Scope, parameters []*Parameter) *EMA {
	e := &EMA{engine: s.engine, scope: s.Long(), byName: map[string]int{}}
	e.Add(s, parameters)
	return e
}

// Add averages more tensors, from their present values; those that are averaged
// already go on.
func (e *EMA) Add(s *Scope, parameters []*Parameter) {
	for _, p := range parameters {
		if _, known := e.byName[p.Name]; !known {
			e.byName[p.Name] = len(e.averages)
			e.averages = append(e.averages, s.Move(s.Clone(p.Tensor), e.scope))
			e.parameters = append(e.parameters, p)
		}
	}
}

// Close frees the averages.
func (e *EMA) Close() error {
	return e.engine.Do(context.Background(), func(*Scope) error {
		e.scope.Free()
		return e.scope.Err()
	})
}

// Update moves every average: decay · average + (1 − decay) · value.
func (e *EMA) Update(s *Scope, decay float64) {
	if e.swapped {
		s.Fail(fmt.Errorf("the averages are in use as weights; they cannot be updated"))
	}
	if values := e.values(); len(values) > 0 && s.ok("ema", values...) && s.ok("ema", e.averages...) {
		s.note(C.vt_average_(handles(e.averages), handles(values), C.int(len(values)), C.double(decay)))
	}
}

// Swap exchanges the net's values with the averages, so that the net works with
// the averages until the next Swap.
func (e *EMA) Swap(s *Scope) {
	if values := e.values(); len(values) > 0 && s.ok("ema", values...) && s.ok("ema", e.averages...) {
		s.note(C.vt_exchange_(handles(e.averages), handles(values), C.int(len(values))))
		e.swapped = !e.swapped
	}
}

// Averages gives the averages by parameter name; while swapped, the net's own
// values.
func (e *EMA) Averages() map[string]Tensor {
	out := make(map[string]Tensor, len(e.averages))
	for name, i := range e.byName {
		out[name] = e.averages[i]
	}
	return out
}

// Set sets an average from a tensor.
func (e *EMA) Set(s *Scope, name string, value Tensor) {
	if i, ok := e.byName[name]; ok {
		s.Copy(e.averages[i], value)
	}
}

// Restore sets an average.
func (e *EMA) Restore(s *Scope, name string, data []float32) {
	i, ok := e.byName[name]
	if !ok || len(data) != e.parameters[i].Elements() {
		s.Fail(fmt.Errorf("average of %q: the net has no such tensor, or one of another size than %d", name, len(data)))
		return
	}
	s.Copy(e.averages[i], s.FromFloat32(data, e.parameters[i].Shape...))
}

func (e *EMA) values() []Tensor {
	out := make([]Tensor, len(e.parameters))
	for i, p := range e.parameters {
		out[i] = p.Tensor
	}
	return out
}
