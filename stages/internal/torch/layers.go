package torch

import "slices"

// Pass is one trip through a net.
type Pass struct {
	*Scope
	// Train says whether dropout drops and batch-norm learns.
	Train bool
	// Seed decides what dropout drops; it must differ from step to step.
	Seed uint64
	// Again marks a pass that is made a second time: the statistics of batch-norm have moved.
	Again bool
	// Measure counts the passes, from 1, that the statistics of batch-norm are measured anew in: they
	// become the mean of what the batches have, whatever they were before. 0 for training, where they
	// follow the batches by each layer's momentum.
	Measure int
	// Keep holds on to what a backward pass would need of what lies between modules,
	// to be measured, and counts in Places what max-pooling notes besides: the place
	// of each maximum, in 8 bytes; in Shares the numbers that fused attention would not
	// keep; and in Between the numbers, and as many places, that MaxPool3D keeps for the
	// same bits each time alone.
	Keep    bool
	Places  int64
	Shares  int64
	Between int64
	passing map[*handle]bool
	// Work is told what is multiplied, unless it is nil.
	Work *Work
	// Covariates, of shape BV, are what is known of each sample besides its image, for nets that want it.
	Covariates Tensor
	// Watch asks for Maps, the feature maps_BCHW, of volumes maps_BCDHW, that the net averages over places,
	// as a leaf: after a backward pass Grad(Maps) says what each of them did. Call
	// Forward within NoGrad: recording begins at the maps.
	Watch bool
	Maps  Tensor
}

// Drop lets go of what lies between modules, unless it is to be kept.
func (p *Pass) Drop(t Tensor) {
	if !p.Keep || p.passing[t.at] {
		p.Scope.Drop(t)
	}
}

// Discard lets go of what no backward pass needs.
func (p *Pass) Discard(tensors ...Tensor) {
	for _, t := range tensors {
		if t.Valid() {
			p.Drop(p.Passing(t))
		}
	}
}

// Passing marks what no backward pass needs, such as a sum or the output of
// batch-norm before a ReLU: batch-norm keeps what it takes in, ReLU what it gives.
func (p *Pass) Passing(t Tensor) Tensor {
	if p.Keep && t.Valid() {
		if p.passing == nil {
			p.passing = map[*handle]bool{}
		}
		p.passing[t.at] = true
	}
	return t
}

// Needed takes back Passing: the backward pass of what t goes into needs t itself.
func (p *Pass) Needed(t Tensor) Tensor {
	if t.Valid() {
		delete(p.passing, t.at)
	}
	return t
}

// Module is a piece of a net.
type Module interface {
	Forward(p *Pass, x Tensor) Tensor
}

// Sequence runs modules one after the other.
type Sequence []Module

// Forward passes x through every module in turn. What lies between two modules is
// let go of at once: only what the backward pass needs of it stays in memory.
func (q Sequence) Forward(p *Pass, x Tensor) Tensor {
	input := x
	for _, m := range q {
		y := m.Forward(p, x)
		if x != input && x != y {
			p.Drop(x)
		}
		x = y
	}
	return x
}

// Flat is the sequence with the modules of sequences within it in their place.
func (q Sequence) Flat() Sequence {
	var out Sequence
	for _, m := range q {
		if inner, ok := m.(Sequence); ok {
			out = append(out, inner.Flat()...)
		} else {
			out = append(out, m)
		}
	}
	return out
}

// Fixed says whether all modules are.
func (q Sequence) Fixed() bool {
	for _, m := range q {
		if !Fixed(m) {
			return false
		}
	}
	return true
}

// Random says whether one of the modules is.
func (q Sequence) Random() bool { return slices.ContainsFunc(q, Random) }

// Fixed says whether a module gives for the same input the same output all the
// time, in training as in inference: nothing of it is trained, no statistics move,
// and it draws nothing at random. A module says so itself by a method Fixed; one
// without counts as not fixed.
func Fixed(m Module) bool {
	f, ok := m.(interface{ Fixed() bool })
	return ok && f.Fixed()
}

// Random says whether a module draws numbers in training. A module says so itself by
// a method Random; one without counts as not random.
func Random(m Module) bool {
	r, ok := m.(interface{ Random() bool })
	return ok && r.Random()
}

func frozen(parameters ...*Parameter) bool {
	for _, p := range parameters {
		if p != nil && (p.Trainable || p.Moves) {
			return false
		}
	}
	return true
}

// Func is a module without parameters, and without randomness.
type Func func(p *Pass, x Tensor) Tensor

// Fixed is always so.
func (Func) Fixed() bool { return true }

// Forward calls the function.
func (f Func) Forward(p *Pass, x Tensor) Tensor { return f(p, x) }

// ReLU is max(x, 0) as a module.
var ReLU = Func(func(p *Pass, x Tensor) Tensor { return p.ReLU(x) })

// SiLU, GELU and HardSwish are modules; unlike those of ReLU and Tanh, their backward passes need what they took in.
var (
	SiLU      = Func(func(p *Pass, x Tensor) Tensor { return p.SiLU(p.Needed(x)) })
	GELU      = Func(func(p *Pass, x Tensor) Tensor { return p.GELU(p.Needed(x)) })
	Tanh      = Func(func(p *Pass, x Tensor) Tensor { return p.Tanh(p.Passing(x)) })
	HardSwish = Func(func(p *Pass, x Tensor) Tensor { return p.HardSwish(p.Needed(x)) })
)

// MaxPool2D is a max-pooling module with square windows.
func MaxPool2D(kernel, stride, padding int64) Module { return maxPool2D{kernel, stride, padding} }

type maxPool2D struct{ kernel, stride, padding int64 }

// Fixed is true: it has no weights.
func (maxPool2D) Fixed() bool { return true }

func (m maxPool2D) Extent(e Extent) Extent {
	e.Stride *= m.stride
	return e
}

func (m maxPool2D) Forward(p *Pass, x Tensor) Tensor {
	return p.noted(p.MaxPool2D(x, m.kernel, m.stride, m.padding))
}

// GlobalAverage makes features_BC of maps_BCHW (AdaptiveAvgPool2d(1), flatten).
var GlobalAverage Module = globalAverage{}

type globalAverage struct{}

func (globalAverage) Fixed() bool { return true }

func (globalAverage) Forward(p *Pass, x Tensor) Tensor {
	return p.Flatten(p.AverageGlobally(p.Watched(x)))
}
