package torch

// StochasticDepth leaves out the branch of a residual block for some samples: their
// numbers become zero, and those of the others are scaled by 1/(1−P) (Huang et al. 2016;
// torchvision.ops.stochastic_depth in mode "row"). Whom it leaves out depends on the
// pass's seed and its own name alone.
type StochasticDepth struct {
	Name string
	P    float64
}

// Forward takes the branch of each sample, x_B…; it does nothing outside training.
func (d StochasticDepth) Forward(p *Pass, x Tensor) Tensor { return Dropout(d).drop(p, x, 1) }
