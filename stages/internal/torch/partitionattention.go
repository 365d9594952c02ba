package torch

import "math"

// PartitionAttention is what torchvision's PartitionAttentionLayer does of attention (Tu et al. 2022,
// "MaxViT: Multi-axis vision transformer", section 3.1): the places of each window look at one another,
// or, on a grid, places that lie as far apart as a map has windows.
type PartitionAttention struct {
	Heads      int64
	Side       int64 // places that look at one another, down and across
	Grid       bool
	qkv, merge *Linear
	table      *Parameter // ((2·side − 1)², heads): by the distance down and across
	constants  *Constants
}

// NewPartitionAttention makes the layer under the path, with torchvision's names and first weights.
func NewPartitionAttention(p Path, width, heads, side int64, grid bool) *PartitionAttention {
	return &PartitionAttention{
		Heads: heads, Side: side, Grid: grid,
		qkv:       NewLinearOf(p.Sub("to_qkv").ofAttention(), width, 3*width, Normal(0.02), Constant(0)),
		merge:     NewLinearOf(p.Sub("merge").ofAttention(), width, width, Normal(0.02), Constant(0)),
		table:     p.Embedding("relative_position_bias_table", Normal(0.02), (2*side-1)*(2*side-1), heads),
		constants: p.Constants(),
	}
}

// Fixed says whether nothing of it is trained.
func (a *PartitionAttention) Fixed() bool {
	return frozen(a.table) && a.qkv.Fixed() && a.merge.Fixed()
}

// Forward makes maps_BHWC of maps_BHWC, whose sides are multiples of Side. Scores are divided by √C, of
// all heads together, as torchvision has it.
func (a *PartitionAttention) Forward(p *Pass, x Tensor) Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	cut := a.cut(p, p.Passing(x), shape)
	projected := a.qkv.Forward(p, cut)
	p.Drop(cut)
	bias := p.byDistance(a.constants, p.Scales(a.table, a.table.Tensor), mosaic{windows: windows{a.Side, a.Side}})
	seen := p.attend(projected, attending{
		weight: a.qkv.Weight, heads: a.Heads, scale: 1 / math.Sqrt(float64(shape[3])),
		bias: func(scores Tensor) Tensor { return p.biased(scores, bias) },
	})
	p.Discard(bias)
	out := a.merge.Forward(p, seen)
	p.Drop(seen)
	return a.join(p, out, shape)
}

// cut makes groups_(B·N)SC of maps_BHWC.
func (a *PartitionAttention) cut(p *Pass, x Tensor, shape []int64) Tensor {
	h, w, c := shape[1], shape[2], shape[3]
	split, ordered := Tensor{}, Tensor{}
	if a.Grid {
		split = p.Reshape(x, -1, a.Side, h/a.Side, a.Side, w/a.Side, c)
		ordered = p.Permute(split, 0, 2, 4, 1, 3, 5)
	} else {
		split = p.Reshape(x, -1, h/a.Side, a.Side, w/a.Side, a.Side, c)
		ordered = p.Permute(split, 0, 1, 3, 2, 4, 5)
	}
	groups := p.Reshape(ordered, -1, a.Side*a.Side, c)
	p.Discard(split, ordered)
	return groups
}

// join undoes cut.
func (a *PartitionAttention) join(p *Pass, groups Tensor, shape []int64) Tensor {
	h, w, c := shape[1], shape[2], shape[3]
	split := p.Reshape(groups, -1, h/a.Side, w/a.Side, a.Side, a.Side, c)
	ordered := Tensor{}
	if a.Grid {
		ordered = p.Permute(split, 0, 3, 1, 4, 2, 5)
	} else {
		ordered = p.Permute(split, 0, 1, 3, 2, 4, 5)
	}
	maps := p.Reshape(ordered, -1, h, w, c)
	p.Discard(groups, split, ordered)
	return maps
}
