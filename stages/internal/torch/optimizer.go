package torch

// #include "shim_optim.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
)

// Rule is how an optimizer turns gradients into new weights. It is a plain
// description; Optimizer does the work.
type Rule struct {
	Kind         RuleKind
	Beta1, Beta2 float64 // Adam, AdamW, RAdam, Lion, NAdam, LAMB; RMSprop's smoothing is Beta2
	Eps          float64 // Adam, AdamW, RAdam, RMSprop, NAdam, LAMB
	Momentum     float64 // SGD, RMSprop
	Dampening    float64 // SGD
	Nesterov     bool    // SGD
	Centered     bool    // RMSprop
	// EpsBeforeCorrection adds eps to the uncorrected root, as Keras' Adam does
	// and Kingma and Ba's last line of section 2; PyTorch corrects first.
	EpsBeforeCorrection bool    // Adam
	MomentumDecay       float64 // NAdam: how fast its momentum rises
	Decoupled           bool    // NAdam: decay shrinks the weight instead of joining the gradient
	AlwaysAdapt         bool    // LAMB: also weights without decay go as far as they are long
	Lookahead           Lookahead
}

// Lookahead (Zhang et al. 2019) keeps slow weights beside those that the rule
// changes: after every Every steps the slow ones go Share of the way to them, and
// they begin again from there. Every of 0 is none.
type Lookahead struct {
	Every int
	Share float64
}

// RuleKind names a rule.
type RuleKind string

// The rules.
const (
	RuleAdam    RuleKind = "adam"
	RuleAdamW   RuleKind = "adamw" // Adam with decoupled decay
	RuleSGD     RuleKind = "sgd"
	RuleRMSprop RuleKind = "rmsprop"
	RuleRAdam   RuleKind = "radam"
	RuleLion    RuleKind = "lion" // its decay is decoupled
	RuleNAdam   RuleKind = "nadam"
	RuleLAMB    RuleKind = "lamb" // its decay joins the direction
	// RuleScheduleFree is AdamW whose weights are y of Defazio et al. 2024, a mixture of z, which
	// makes the steps, and x, the average of all z. See Optimizer.Averaged.
	RuleScheduleFree RuleKind = "schedule_free"
)

var ruleKinds = map[RuleKind]C.int{
	RuleAdam: C.VT_ADAM, RuleAdamW: C.VT_ADAM, RuleSGD: C.VT_SGD, RuleRMSprop: C.VT_RMSPROP,
	RuleRAdam: C.VT_RADAM, RuleLion: C.VT_LION, RuleNAdam: C.VT_NADAM, RuleLAMB: C.VT_LAMB,
	RuleScheduleFree: C.VT_SCHEDULE_FREE,
}

const (
	slowSlot  = "slow_buffer" // of lookahead
	stepsSlot = "z"           // of schedule-free AdamW
)

// Slots names the tensors that the rule keeps for each parameter, as PyTorch's
// optimizer state does.
func (r Rule) Slots() []string {
	var out []string
	switch r.Kind {
	case RuleLion:
		out = append(out, "exp_avg")
	case RuleAdam, RuleAdamW, RuleRAdam, RuleNAdam, RuleLAMB:
		out = append(out, "exp_avg", "exp_avg_sq")
	case RuleScheduleFree:
		out = append(out, stepsSlot, "exp_avg_sq")
	case RuleRMSprop:
		out = append(out, "square_avg")
		if r.Centered {
			out = append(out, "grad_avg")
		}
	}
	if r.Momentum != 0 {
		out = append(out, "momentum_buffer")
	}
	if r.Lookahead.Every > 0 {
		out = append(out, slowSlot)
	}
	return out
}

func (r Rule) c() (C.vt_rule, error) {
	kind, ok := ruleKinds[r.Kind]
	if !ok {
		return C.vt_rule{}, fmt.Errorf("there is no optimizer rule %q", r.Kind)
	}
	return C.vt_rule{
		kind: kind, decoupled: flag(r.Kind == RuleAdamW || r.Kind == RuleLion || r.Decoupled),
		beta1: C.double(r.Beta1), beta2: C.double(r.Beta2), eps: C.double(r.Eps),
		momentum: C.double(r.Momentum), dampening: C.double(r.Dampening),
		nesterov: flag(r.Nesterov), centered: flag(r.Centered), eps_before_correction: flag(r.EpsBeforeCorrection),
		momentum_decay: C.double(r.MomentumDecay), always_adapt: flag(r.AlwaysAdapt),
		lookahead_every: C.int64_t(r.Lookahead.Every), lookahead_share: C.double(r.Lookahead.Share),
	}, nil
}

// Optimizer holds a rule's state, keyed by parameter name, and updates every
// trainable parameter in one call.
type Optimizer struct {
	rule   func(name string) Rule // of a parameter
	engine *Engine
	scope  *Scope
	state  map[string]*ParameterState
}

// ParameterState is what an optimizer remembers of one parameter.
type ParameterState struct {
	Step  int64             // updates so far
	Slots map[string]Tensor // by the names of Rule.Slots
	Mean  Mean              // of schedule-free AdamW
}

// Mean says how the average of schedule-free AdamW weighs its steps: by the square of the largest
// rate so far, so that those of a warm-up count less.
type Mean struct{ Largest, Sum float64 }

// next takes a step of this rate along, and gives its share of the average.
func (m *Mean) next(rate float64) (share float64) {
	m.Largest = max(m.Largest, rate)
	weight := m.Largest * m.Largest
	m.Sum += weight
	if m.Sum == 0 {
		return 0
	}
	return weight / m.Sum
}

// Update says how one parameter is to be changed.
type Update struct {
	Parameter   *Parameter
	Rate        float64
	WeightDecay float64 // coupled or decoupled, as the rule has it
	L2          float64 // weight of the sum of squares that joins the loss, as Keras' regularizers.L2
}

// StepOptions say what happens to the gradients before the update. A value of 0
// clips nothing.
type StepOptions struct {
	ClipValue float64 // each element of a gradient is limited to ± this
	ClipNorm  float64 // all gradients together are scaled down to this norm
	Norm      bool    // the norm is wanted even where nothing is clipped by it
}

// NewOptimizer makes an optimizer without state.
func NewOptimizer(s *Scope, rule Rule) *Optimizer {
	return NewOptimizerOf(s, func(string) Rule { return rule })
}

// NewOptimizerOf makes an optimizer without state whose rule may differ from parameter
// to parameter.
func NewOptimizerOf(s *Scope, rule func(name string) Rule) *Optimizer {
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

// Step updates the given parameters from their gradients, whichever number of
// backward passes added those up; one without a gradient is passed over. See
// StepWith.
func (o *Optimizer) Step(s *Scope, updates []Update) { o.StepWith(s, updates, StepOptions{}) }

// StepWith is Step with clipping, in the order L2, ClipValue, ClipNorm, update.
// It reads nothing back from the device. It gives the norm of all gradients
// before ClipNorm, where that was computed. A norm is that of parameters of one rule:
// where there are several, none can be asked for.
func (o *Optimizer) StepWith(s *Scope, updates []Update, opt StepOptions) (norm Tensor) {
	rules, byRule := o.byRule(updates)
	if len(rules) > 1 && (opt.ClipNorm > 0 || opt.Norm) {
		s.Fail(errors.New("the norm of gradients under several optimizer rules is not computed"))
	}
	for i, rule := range rules {
		norm = o.stepRule(s, rule, byRule[i], opt)
	}
	return norm
}

// byRule puts together the updates of each rule, in their order.
func (o *Optimizer) byRule(updates []Update) (rules []Rule, groups [][]Update) {
	for _, u := range updates {
		rule := o.rule(u.Parameter.Name)
		i := slices.Index(rules, rule)
		if i < 0 {
			i, rules, groups = len(rules), append(rules, rule), append(groups, nil)
		}
		groups[i] = append(groups[i], u)
	}
	return rules, groups
}

func (o *Optimizer) stepRule(s *Scope, r Rule, updates []Update, opt StepOptions) (norm Tensor) {
	n := len(updates)
	if n == 0 || s.err != nil {
		return Tensor{}
	}
	rule, err := r.c()
	if err != nil {
		s.Fail(err)
		return Tensor{}
	}
	names := r.Slots()
	weights, slots, options := make([]Tensor, n), make([]Tensor, n*len(names)), cOptions(updates)
	for i, u := range updates {
		state := o.of(s, u.Parameter)
		state.Step++
		options[i].step = C.int64_t(state.Step)
		if r.Kind == RuleScheduleFree {
			options[i].share = C.double(state.Mean.next(u.Rate))
		}
		weights[i] = u.Parameter.Tensor
		for j, name := range names {
			slots[j*n+i] = state.Slots[name]
		}
	}
	if !s.ok("optimizer", weights...) || !s.ok("optimizer state", slots...) {
		return Tensor{}
	}
	step := C.vt_step_options{clip_value: C.double(opt.ClipValue), clip_norm: C.double(opt.ClipNorm), want_norm: flag(opt.Norm)}
	var out C.vt_tensor
	message := C.vt_step(&rule, handles(weights), handles(slots), C.int(len(names)), &options[0], C.int(n), &step, &out)
	if message == nil && out == nil {
		return Tensor{}
	}
	return s.made(out, message)
}

// Penalty is the sum of L2 · |w|² over the given parameters: what their L2 adds
// to the loss.
func (s *Scope) Penalty(updates []Update) Tensor {
	weights := make([]Tensor, len(updates))
	for i, u := range updates {
		weights[i] = u.Parameter.Tensor
	}
	if len(updates) == 0 || !s.ok("penalty", weights...) {
		return Tensor{}
	}
	options := cOptions(updates)
	var out C.vt_tensor
	message := C.vt_penalty(handles(weights), &options[0], C.int(len(updates)), &out)
	return s.made(out, message)
}

func cOptions(updates []Update) []C.vt_param_options {
	options := make([]C.vt_param_options, len(updates))
	for i, u := range updates {
		options[i] = C.vt_param_options{rate: C.double(u.Rate), weight_decay: C.double(u.WeightDecay), l2: C.double(u.L2)}
	}
	return options
}

// of finds or makes the state of a parameter; weights within it begin as the weights.
func (o *Optimizer) of(s *Scope, p *Parameter) *ParameterState {
	if state, ok := o.state[p.Name]; ok {
		return state
	}
	state := &ParameterState{Slots: map[string]Tensor{}}
	for _, slot := range o.rule(p.Name).Slots() {
		state.Slots[slot] = s.Move(s.ZerosLike(p.Tensor), o.scope)
		if slot == slowSlot || slot == stepsSlot {
			s.Copy(state.Slots[slot], p.Tensor)
		}
	}
	o.state[p.Name] = state
	return state
}

// Averaged is x of schedule-free AdamW, by which a net is to be judged: y = (1 − β1)·z + β1·x. Of a parameter
// without such a state it is the zero Tensor.
func (o *Optimizer) Averaged(s *Scope, p *Parameter) (x Tensor) {
	state, known := o.state[p.Name]
	if !known || !state.Slots[stepsSlot].Valid() {
		return Tensor{}
	}
	s.NoGrad(func() {
		x = s.Add(p.Tensor, s.Times(s.Sub(state.Slots[stepsSlot], p.Tensor), 1-1/o.rule(p.Name).Beta1))
	})
	return x
}

// Ascend moves the weights radius far along their gradients, all together, to where the loss is
// about the largest nearby; with adaptive the way is measured in parts of the weights.
func (s *Scope) Ascend(updates []Update, radius float64, adaptive bool) {
	weights := make([]Tensor, len(updates))
	for i, u := range updates {
		weights[i] = u.Parameter.Tensor
	}
	if len(weights) > 0 && s.ok("ascend", weights...) {
		s.note(C.vt_ascend_(handles(weights), C.int(len(weights)), C.double(radius), flag(adaptive)))
	}
}

// ZerosLike makes zeros of a tensor's shape, type, device and memory layout.
func (s *Scope) ZerosLike(t Tensor) Tensor {
	if !s.ok("zeros_like", t) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_zeros_like(t.c(), &out)
	return s.made(out, message)
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

// Keep forgets the parameters that wanted does not name; on the engine's thread.
func (o *Optimizer) Keep(_ *Scope, wanted func(name string) bool) {
	for name, state := range o.state {
		if wanted(name) {
			continue
		}
		for _, slot := range state.Slots {
			o.scope.Drop(slot)
		}
		delete(o.state, name)
	}
}

// State gives what is remembered of a parameter, or nil.
func (o *Optimizer) State(name string) *ParameterState { return o.state[name] }

// Restore sets what is remembered of a parameter.
func (o *Optimizer) Restore(s *Scope, p *Parameter, step int64, mean Mean, slots map[string][]float32) {
	state := o.of(s, p)
	state.Step, state.Mean = step, mean
	for _, slot := range o.rule(p.Name).Slots() {
		data, ok := slots[slot]
		if !ok || len(data) != p.Elements() {
			s.Fail(fmt.Errorf("optimizer state %q of %q: want %d numbers, have %d", slot, p.Name, p.Elements(), len(data)))
			return
		}
		s.Copy(state.Slots[slot], s.FromFloat32(data, p.Shape...))
	}
}
