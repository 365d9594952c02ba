package torch

import (
	"cmp"
	"math"
)

// SelfAttention is torch.nn.MultiheadAttention with batch_first, of x with itself (Vaswani
// et al. 2017, section 3.2.2), without dropout of the weights.
type SelfAttention struct {
	Heads      int64
	in, inBias *Parameter // (3·width, width), (3·width) or nil: queries, keys, values
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

// NewQKVAttention makes the same layer with the names of timm's Attention: qkv, and proj behind it,
// drawn as weight and bias say; without biases where bias is nil.
func NewQKVAttention(p Path, width, heads int64, weight, bias Init) *SelfAttention {
	in := NewLinearOf(p.Sub("qkv").ofAttention(), width, 3*width, weight, bias)
	return &SelfAttention{
		Heads: heads, in: in.Weight, inBias: in.Bias, beside: in.beside,
		out: NewLinearOf(p.Sub("proj").ofAttention(), width, width, weight, bias),
	}
}

// Forward makes features_BSF of features_BSF.
func (a *SelfAttention) Forward(p *Pass, x Tensor) Tensor {
	projected := a.beside.onto(p, x, p.add(a.in, p.linear(x, a.in.Tensor, optional(a.inBias))))
	return a.out.Forward(p, p.attend(projected, attending{weight: a.in, heads: a.Heads}))
}

// Fixed says whether nothing of it is trained.
func (a *SelfAttention) Fixed() bool {
	return frozen(a.in, a.inBias) && a.beside.fixed() && a.out.Fixed()
}

// attending is how places look at one another.
type attending struct {
	weight *Parameter // of the projection, whose layer the products are noted for
	heads  int64
	scale  float64 // of the scores; 0 is 1/√D
	// turned changes queries and keys_BHSD, unless it is nil.
	turned func(queries, keys Tensor) (Tensor, Tensor)
	// bias changes scores_BHSS, unless it is nil.
	bias func(scores Tensor) Tensor
}

// attend lets each of S places look at all, for each head by itself: softmax(q·kᵀ/√D)·v of
// projected_BS(3F), which holds queries, keys and values of F = heads·D numbers. It makes seen_BSF.
func (p *Pass) attend(projected Tensor, a attending) Tensor {
	shape := p.Describe(projected).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	s, f := shape[1], shape[2]/3
	split := p.Reshape(projected, -1, s, 3, a.heads, f/a.heads)
	all := p.Permute(split, 2, 0, 3, 1, 4) // (3, B, H, S, D)
	queries, keys, values := p.Select(all, 0, 0), p.Select(all, 0, 1), p.Select(all, 0, 2)
	p.Discard(projected, split, all)
	if a.turned != nil {
		queries, keys = a.turned(queries, keys)
	}
	return p.seen(queries, keys, values, a)
}

// seen makes seen_BSF of queries_BHSD, and keys and values_BHMD of as many places as there are to be
// looked at.
func (p *Pass) seen(queries, keys, values Tensor, a attending) Tensor {
	shape := p.Describe(queries).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	var seen Tensor
	if a.bias == nil && a.scale == 0 && p.engine.fused && !p.engine.tracing {
		seen = p.look(a.weight, queries, keys, values)
	} else {
		seen = p.lookByShares(queries, keys, values, a)
	}
	back := p.Transpose(seen, 1, 2)
	out := p.Reshape(back, -1, shape[2], shape[1]*shape[3])
	p.Discard(back)
	p.Drop(seen)
	return out
}

// look is softmax(q·kᵀ/√D)·v of _BHSD in one kernel, which keeps no number for each pair of
// places (Dao et al. 2022, "FlashAttention"). On a GPU the order of its sums may change from
// run to run.
func (p *Pass) look(weight *Parameter, queries, keys, values Tensor) Tensor {
	shape := p.Describe(keys).Shape
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
func (p *Pass) lookByShares(unscaled, keys, values Tensor, a attending) Tensor {
	shape := p.Describe(keys).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	s, each, queries := shape[2], shape[3], unscaled
	if scale := cmp.Or(a.scale, 1/math.Sqrt(float64(each))); scale != 1 {
		queries = p.Times(unscaled, scale)
		p.Discard(unscaled)
	}
	transposed := p.Transpose(keys, 2, 3)
	scores := p.inner(a.weight, p.MatMul(queries, transposed), each)
	p.Discard(transposed)
	if a.bias != nil {
		raw := scores
		scores = a.bias(raw)
		p.Discard(raw)
	}
	shares := p.SoftmaxOver(scores, -1)
	p.Discard(scores)
	if a.bias == nil && shares.Valid() {
		p.Shares += int64(p.Describe(shares).Elements())
	}
	seen := p.Passing(p.inner(a.weight, p.MatMul(shares, values), s))
	for _, t := range []Tensor{queries, keys, values, shares} {
		p.Drop(t)
	}
	return seen
}
