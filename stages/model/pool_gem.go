package model

import (
	"math"

	"vertebra/stages/internal/torch"
)

func init() {
	Pools.Add("gem", "the generalised mean of each map, between mean and largest value (Radenović et al. 2018)", GeM{P: 3, Trained: true})
}

// GeM is generalised-mean pooling (Radenović, Tolias and Chum 2018, "Fine-tuning CNN image
// retrieval with no human annotation", equation 3): (mean of max(x, 1e-6)ᵖ)^(1/p).
type GeM struct {
	P       float64 `help:"the exponent that it begins with: 1 is the mean, large ones near the largest value" min:"1" max:"6"`
	Trained bool    `help:"the exponent is a weight of the head"`
}

// Build makes the exponent.
func (g GeM) Build(p torch.Path) torch.Module {
	if g.Trained {
		return gem{p: p.Parameter("p", torch.Constant(g.P), 1)}
	}
	return gem{p: p.Buffer("p", torch.Constant(g.P), 1)}
}

// leastMean is that of maps of 1e-6 and exponent 6, near the smallest number of float32: larger
// exponents, which training may find, make 0 of such values, and the root of 0 has no gradient.
const leastMean = 1e-36

type gem struct{ p *torch.Parameter }

// Forward makes features_BC of maps_BCHW, in float32.
func (g gem) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	x = p.Clamp(p.To(p.Watched(x), torch.Float32), 1e-6, math.Inf(1))
	exponent := p.Clamp(g.p.Tensor, 1, math.Inf(1)) // the paper's, also where weight decay goes on
	mean := p.Clamp(p.MeanOver(p.Power(x, exponent), 2, 3), leastMean, math.Inf(1))
	return p.Power(mean, p.Reciprocal(exponent))
}

// Fixed says whether the exponent stays.
func (g gem) Fixed() bool { return g.p.Buffer || !g.p.Trainable }
