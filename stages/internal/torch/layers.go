package torch

// Pass is one trip through a net.
type Pass struct {
	*Scope
	// Train says whether dropout drops and batch-norm learns.
	Train bool
	// Seed decides what dropout drops; it must differ from step to step.
	Seed uint64
}

// Module is a piece of a net.
type Module interface {
	Forward(p *Pass, x Tensor) Tensor
}

// Sequence runs modules one after the other.
type Sequence []Module

// Forward passes x through every module in turn.
func (q Sequence) Forward(p *Pass, x Tensor) Tensor {
	for _, m := range q {
		x = m.Forward(p, x)
	}
	return x
}

// Func is a module without parameters.
type Func func(p *Pass, x Tensor) Tensor

// Forward calls the function.
func (f Func) Forward(p *Pass, x Tensor) Tensor { return f(p, x) }

// ReLU is max(x, 0) as a module.
var ReLU = Func(func(p *Pass, x Tensor) Tensor { return p.ReLU(x) })

// MaxPool2D is a max-pooling module with square windows.
func MaxPool2D(kernel, stride, padding int64) Module {
	return Func(func(p *Pass, x Tensor) Tensor { return p.MaxPool2D(x, kernel, stride, padding) })
}

// GlobalAverage makes features_BC of maps_BCHW (AdaptiveAvgPool2d(1), flatten).
var GlobalAverage = Func(func(p *Pass, x Tensor) Tensor { return p.Flatten(p.AverageGlobally(x)) })
