package torch

import "math"

// SelfAttention is torch.nn.MultiheadAttention with batch_first, of x with itself (Vaswani
// et al. 2017, section 3.2.2), without dropout of the weights.
type SelfAttention struct {
	Heads      int64
	in, inBias *Parameter // (3·width, width), (3·width): queries, keys, values
	beside     *correction
	out        *Linear
}

// NewSelfAttention makes the layer under the path, with PyTorch's names and first weights:
// Xavier's uniform ones for the projection in, and no biases.
func NewSelfAttention(p Path, width, heads int64) *SelfAttention {
	return &SelfAttention{
		Heads:  heads,
		in:     p.Parameter("in_proj_weight", Xavier(width, 3*width), 3*width, width), // as one matrix
		inBias: p.Parameter("in_proj_bias", Constant(0), 3*width),
		beside: p.Sub("in_proj").ofAttention().correction(width, 3*width),
		out:    NewLinearOf(p.Sub("out_proj").ofAttention(), width, width, FanIn(width), Constant(0)),
	}
}

// NewQKVAttention makes the same layer with the names of timm's Attention and the first weights
// of its vision transformers: qkv, and proj behind it, drawn as weight says and without biases.
func NewQKVAttention(p Path, width, heads int64, weight Init) *SelfAttention {
	in := NewLinearOf(p.Sub("qkv").ofAttention(), width, 3*width, weight, Constant(0))
	return &SelfAttention{
		Heads: heads, in: in.Weight, inBias: in.Bias, beside: in.beside,
		out: NewLinearOf(p.Sub("proj").ofAttention(), width, width, weight, Constant(0)),
	}
}

// Forward makes features_BSF of features_BSF.
func (a *SelfAttention) Forward(p *Pass, x Tensor) Tensor {
	projected := a.beside.onto(p, x, p.add(a.in, p.linear(x, a.in.Tensor, a.inBias.Tensor)))
	return a.out.Forward(p, p.attend(projected, a.in, a.Heads, nil))
}

// Fixed says whether nothing of it is trained.
func (a *SelfAttention) Fixed() bool {
	return frozen(a.in, a.inBias) && a.beside.fixed() && a.out.Fixed()
}

// attend lets each of S places look at all, for each head by itself: softmax(q·kᵀ/√D)·v of
// projected_BS(3F), which holds queries, keys and values of F = heads·D numbers. bias, if
// any, changes scores_BHSS. It makes seen_BSF; weight is that of the projection.
func (p *Pass) attend(projected Tensor, weight *Parameter, heads int64, bias func(scores Tensor) Tensor) Tensor {
	shape := p.Describe(projected).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	s, f := shape[1], shape[2]/3
	split := p.Reshape(projected, -1, s, 3, heads, f/heads)
	all := p.Permute(split, 2, 0, 3, 1, 4) // (3, B, H, S, D)
	queries, keys, values := p.Select(all, 0, 0), p.Select(all, 0, 1), p.Select(all, 0, 2)
	p.Discard(projected, split, all)
	var seen Tensor
	if bias == nil && p.engine.fused && !p.engine.tracing {
		seen = p.look(weight, queries, keys, values)
	} else {
		seen = p.lookByShares(weight, queries, keys, values, bias)
	}
	back := p.Transpose(seen, 1, 2)
	out := p.Reshape(back, -1, s, f)
	p.Discard(back)
	p.Drop(seen)
	return out
}

// look is softmax(q·kᵀ/√D)·v of _BHSD in one kernel, which keeps no number for each pair of
// places (Dao et al. 2022, "FlashAttention"). On a GPU the order of its sums may change from
// run to run.
func (p *Pass) look(weight *Parameter, queries, keys, values Tensor) Tensor {
	shape := p.Describe(queries).Shape
	seen := p.fusedAttention(queries, keys, values)
	for range 2 { // the scores, and what they weigh: as many products
		p.inner(weight, seen, shape[2])
	}
	for _, t := range []Tensor{queries, keys, values} {
		p.Drop(t)
	}
	return seen
}

// lookByShares is the same, product by product.
func (p *Pass) lookByShares(weight *Parameter, unscaled, keys, values Tensor, bias func(scores Tensor) Tensor) Tensor {
	shape := p.Describe(unscaled).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	s, each := shape[2], shape[3]
	queries := p.Times(unscaled, 1/math.Sqrt(float64(each)))
	transposed := p.Transpose(keys, 2, 3)
	scores := p.inner(weight, p.MatMul(queries, transposed), each)
	p.Discard(unscaled, transposed)
	if bias != nil {
		raw := scores
		scores = bias(raw)
		p.Discard(raw)
	}
	shares := p.SoftmaxOver(scores, -1)
	p.Discard(scores)
	if bias == nil && shares.Valid() {
		p.Shares += int64(p.Describe(shares).Elements())
	}
	seen := p.Passing(p.inner(weight, p.MatMul(shares, values), s))
	for _, t := range []Tensor{queries, keys, values, shares} {
		p.Drop(t)
	}
	return seen
}
