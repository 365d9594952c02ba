package torch

import "math"

// SelfAttention is torch.nn.MultiheadAttention with batch_first, of x with itself (Vaswani
// et al. 2017, section 3.2.2), without dropout of the weights.
type SelfAttention struct {
	Heads      int64
	in, inBias *Parameter // in_proj_weight (3·width, width), in_proj_bias: queries, keys, values
	out        *Linear
}

// NewSelfAttention makes the layer under the path, with PyTorch's names and first weights:
// Xavier's uniform ones for the projection in, and no biases.
func NewSelfAttention(p Path, width, heads int64) *SelfAttention {
	bound := math.Sqrt(6 / float64(4*width)) // of the whole matrix, 3·width out and width in
	return &SelfAttention{
		Heads:  heads,
		in:     p.Parameter("in_proj_weight", func(s *Scope, t Tensor, seed uint64) { s.FillUniform(t, -bound, bound, seed) }, 3*width, width),
		inBias: p.Parameter("in_proj_bias", Constant(0), 3*width),
		out:    NewLinearOf(p.Sub("out_proj"), width, width, FanIn(width), Constant(0)),
	}
}

// Forward makes features_BSF of features_BSF.
func (a *SelfAttention) Forward(p *Pass, x Tensor) Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	s, f := shape[1], shape[2]
	each := f / a.Heads
	all := p.add(a.in, p.linear(x, a.in.Tensor, a.inBias.Tensor))
	all = p.permute(p.Reshape(all, -1, s, 3, a.Heads, each), 2, 0, 3, 1, 4) // (3, B, heads, S, each)
	queries, keys, values := p.part(all, 0), p.part(all, 1), p.part(all, 2)
	scores_BHSS := p.MatMul(p.Times(queries, 1/math.Sqrt(float64(each))), p.Transpose(keys, 2, 3))
	weights_BHSS := p.SoftmaxOver(scores_BHSS, -1)
	seen := p.Reshape(p.Transpose(p.MatMul(weights_BHSS, values), 1, 2), -1, s, f)
	return a.out.Forward(p, seen)
}

// Fixed says whether nothing of it is trained.
func (a *SelfAttention) Fixed() bool { return frozen(a.in, a.inBias) && a.out.Fixed() }
