package torch

// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"sort"
)

// Rule is how an optimizer turns gradients into new weights. It is a plain
// description; Optimizer does the work.
type Rule struct {
	Kind         RuleKind
	Beta1, Beta2 float64 // Adam and AdamW
	Eps          float64 // Adam and AdamW
	Momentum     float64 // SGD
	Dampening    float64 // SGD
	Nesterov     bool    // SGD
}

// RuleKind names a rule.
type RuleKind string

// The rules.
const (
	RuleAdam  RuleKind = "adam"
	RuleAdamW RuleKind = "adamw"
	RuleSGD   RuleKind = "sgd"
)

// Slots names the tensors that the rule keeps for each parameter, as PyTorch's
// optimizer state does.
func (r Rule) Slots() []string {
	switch {
	case r.Kind != RuleSGD:
		return []string{"exp_avg", "exp_avg_sq"}
	case r.Momentum != 0:
		return []string{"momentum_buffer"}
	}
	return nil
}

// Optimizer holds a rule's state, keyed by parameter name, and updates every
// trainable parameter in one call.
type Optimizer struct {
	rule   Rule
	engine *Engine
	scope  *Scope
	state  map[string]*ParameterState
}

// ParameterState is what an optimizer remembers of one parameter.
type ParameterState struct {
	Step  int64             // updates so far
	Slots map[string]Tensor // by the names of Rule.Slots
}

// Update says how one parameter is to be changed.
type Update struct {
	Parameter   *Parameter
	Rate        float64
	WeightDecay float64
}

// NewOptimizer makes an optimizer without state.
func NewOptimizer(s *Scope, rule Rule) *Optimizer {
	return &Optimizer{rule: rule, engine: s.engine, scope: s.Long(), state: map[string]*ParameterState{}}
}

// Close frees the state.
func (o *Optimizer) Close() error {
	return o.engine.Do(context.Background(), func(*Scope) error {
		o.scope.Free()
		return o.scope.Err()
	})
}

// Free frees the state; on the engine's thread.
func (o *Optimizer) Free() { o.scope.Free() }

// Step updates the given parameters from their gradients; one without a
// gradient is passed over.
func (o *Optimizer) Step(s *Scope, updates []Update) {
	n := len(updates)
	if n == 0 || s.err != nil {
		return
	}
	weights := make([]Tensor, n)
	slots := [2][]Tensor{make([]Tensor, n), make([]Tensor, n)}
	options := make([]C.vt_param_options, n)
	for i, u := range updates {
		state := o.of(s, u.Parameter)
		state.Step++
		weights[i] = u.Parameter.Tensor
		for j, name := range o.rule.Slots() {
			slots[j][i] = state.Slots[name]
		}
		options[i] = C.vt_param_options{rate: C.double(u.Rate), weight_decay: C.double(u.WeightDecay), step: C.int64_t(state.Step)}
	}
	if s.ok("optimizer", weights...) {
		s.note(o.call(weights, slots, options))
	}
}

func (o *Optimizer) call(weights []Tensor, slots [2][]Tensor, options []C.vt_param_options) *C.char {
	r, n := o.rule, C.int(len(weights))
	if r.Kind == RuleSGD {
		return C.vt_sgd(handles(weights), handles(slots[0]), &options[0], n,
			C.double(r.Momentum), C.double(r.Dampening), flag(r.Nesterov))
	}
	return C.vt_adam(handles(weights), handles(slots[0]), handles(slots[1]), &options[0], n,
		C.double(r.Beta1), C.double(r.Beta2), C.double(r.Eps), flag(r.Kind == RuleAdamW))
}

func (o *Optimizer) of(s *Scope, p *Parameter) *ParameterState {
	if state, ok := o.state[p.Name]; ok {
		return state
	}
	state := &ParameterState{Slots: map[string]Tensor{}}
	for _, slot := range o.rule.Slots() {
		state.Slots[slot] = s.Move(s.Zeros(Float32, p.Shape...), o.scope)
	}
	o.state[p.Name] = state
	return state
}

// Names lists the parameters that have state, sorted.
func (o *Optimizer) Names() []string {
	names := make([]string, 0, len(o.state))
	for name := range o.state {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// State gives what is remembered of a parameter, or nil.
func (o *Optimizer) State(name string) *ParameterState { return o.state[name] }

// Restore sets what is remembered of a parameter.
func (o *Optimizer) Restore(s *Scope, p *Parameter, step int64, slots map[string][]float32) {
	state := o.of(s, p)
	state.Step = step
	for _, slot := range o.rule.Slots() {
		data, ok := slots[slot]
		if !ok || len(data) != p.Elements() {
			s.Fail(fmt.Errorf("optimizer state %q of %q: want %d numbers, have %d", slot, p.Name, p.Elements(), len(data)))
			return
		}
		s.Copy(state.Slots[slot], s.FromFloat32(data, p.Shape...))
	}
}
