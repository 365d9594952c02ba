package torch

// ReducedAttention is the attention of PVT v2 (Wang et al. 2022, "PVT v2: Improved baselines with pyramid
// vision transformer"), with the names of its authors and of timm: all places of a map look at places of
// a smaller one, which a convolution makes of it.
type ReducedAttention struct {
	Heads       int64
	q, kv, proj *Linear
	reduce      *Conv2D    // or nil: they look at one another
	norm        *LayerNorm // of the smaller map
}

// NewReducedAttention makes the layer under the path. The smaller map has a place for each ratio² ones.
func NewReducedAttention(p Path, width, heads, ratio int64, reduction Init) *ReducedAttention {
	linear := func(name string, out int64) *Linear {
		return NewLinearOf(p.Sub(name).ofAttention(), width, out, Normal(0.02), Constant(0))
	}
	a := &ReducedAttention{Heads: heads, q: linear("q", width), kv: linear("kv", 2*width), proj: linear("proj", width)}
	if ratio > 1 {
		a.reduce = NewConv2D(p.Sub("sr"), width, width, ratio, Conv2DOptions{Stride: ratio, Bias: true, Init: reduction, BiasInit: Constant(0)})
		a.norm = NewLayerNorm(p.Sub("norm"), width, 1e-5)
	}
	return a
}

// Fixed says whether nothing of it is trained.
func (a *ReducedAttention) Fixed() bool {
	return a.q.Fixed() && a.kv.Fixed() && a.proj.Fixed() && (a.reduce == nil || a.reduce.Fixed() && a.norm.Fixed())
}

// Forward makes maps_BHWC of maps_BHWC.
func (a *ReducedAttention) Forward(p *Pass, x Tensor) Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	rows := p.Reshape(p.Passing(x), -1, shape[1]*shape[2], shape[3])
	queries := a.heads(p, a.q.Forward(p, rows), shape[3])
	keys, values := a.looked(p, x, rows)
	seen := p.seen(queries[0], keys, values, attending{weight: a.q.Weight, heads: a.Heads})
	out := a.proj.Forward(p, seen)
	p.Drop(seen)
	p.Drop(rows)
	maps := p.Reshape(out, -1, shape[1], shape[2], shape[3])
	p.Discard(out)
	return maps
}

// looked are keys and values_BHMD, of the smaller map where there is one.
func (a *ReducedAttention) looked(p *Pass, x, rows Tensor) (keys, values Tensor) {
	width := a.q.Weight.Shape[1]
	of := rows
	if a.reduce != nil {
		before := p.ChannelsBefore(x)
		small := a.reduce.Forward(p, before)
		behind := p.ChannelsBehind(small)
		flat := p.Reshape(behind, -1, sides(p, behind), width)
		p.Discard(before, small, behind)
		of = a.norm.Forward(p, flat)
		p.Drop(flat)
	}
	both := a.heads(p, a.kv.Forward(p, of), width)
	if of != rows {
		p.Drop(of)
	}
	if len(both) < 2 {
		return Tensor{}, Tensor{}
	}
	return both[0], both[1]
}

// sides is how many places maps_BHWC have.
func sides(p *Pass, maps Tensor) int64 {
	shape := p.Describe(maps).Shape
	if p.Err() != nil {
		return 1
	}
	return shape[1] * shape[2]
}

// heads takes rows_BS(nC) apart: n of _BHSD.
func (a *ReducedAttention) heads(p *Pass, rows Tensor, width int64) []Tensor {
	shape := p.Describe(rows).Shape
	if p.Err() != nil {
		return []Tensor{{}}
	}
	n := shape[2] / width
	split := p.Reshape(rows, -1, shape[1], n, a.Heads, width/a.Heads)
	all := p.Permute(split, 2, 0, 3, 1, 4)
	var out []Tensor
	for i := range n {
		out = append(out, p.Select(all, 0, i))
	}
	p.Discard(rows, split, all)
	return out
}
