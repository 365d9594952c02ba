package torch

import (
	"fmt"
	"math"
)

// CosineWindowAttention is torchvision's ShiftedWindowAttentionV2 (Liu et al. 2022, "Swin Transformer
// V2", section 3): the places of each window of a map look at one another by the cosine of queries and
// keys, and a small net says what a score gains by how far apart two are, so that windows may be of
// another size than those of the training.
type CosineWindowAttention struct {
	CosineWindows
	Heads         int64
	qkv, proj     *Linear    // qkv has the biases of keys, too, which count for nothing
	scale         *Parameter // (heads, 1, 1): the logarithm of what cosines are multiplied by
	first, second *Linear    // of the small net
	constants     *Constants
}

// CosineWindows are the windows of such a layer.
type CosineWindows struct {
	Side    int64 // places of a window down and across
	Trained int64 // of windows that the weights were trained with; 0: as many
	Shift   int64 // by how many places windows are moved down and right; 0 for none
	Shrink  bool  // smaller maps have smaller windows, as in timm; else they get zeros around
}

// mostScale is what cosines are multiplied by at most; distanceUnits is the hidden layer of the small net.
const mostScale, distanceUnits = 100, 512

// NewCosineWindowAttention makes the layer under the path, with torchvision's names and first weights.
func NewCosineWindowAttention(p Path, width, heads int64, w CosineWindows) *CosineWindowAttention {
	net := p.Sub("cpb_mlp")
	return &CosineWindowAttention{
		CosineWindows: w, Heads: heads,
		qkv:       NewLinearOf(p.Sub("qkv").ofAttention(), width, 3*width, Normal(0.02), Constant(0)),
		proj:      NewLinearOf(p.Sub("proj").ofAttention(), width, width, Normal(0.02), Constant(0)),
		scale:     p.Embedding("logit_scale", Constant(math.Log(10)), heads, 1, 1),
		first:     NewLinearOf(net.Sub("0"), 2, distanceUnits, Normal(0.02), Constant(0)),
		second:    NewLinearOf(net.Sub("2"), distanceUnits, heads, Normal(0.02), nil),
		constants: p.Constants(),
	}
}

// Fixed says whether nothing of it is trained.
func (a *CosineWindowAttention) Fixed() bool {
	return frozen(a.scale) && a.qkv.Fixed() && a.proj.Fixed() && a.first.Fixed() && a.second.Fixed()
}

// Forward makes maps_BHWC of maps_BHWC; see windows.moved.
func (a *CosineWindowAttention) Forward(p *Pass, x Tensor) Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	n := windows{a.Side, a.Side}
	if a.Shrink {
		n = windows{min(a.Side, shape[1]), min(a.Side, shape[2])}
	}
	return n.moved(p, x, a.Shift, func(cut Tensor, m mosaic) Tensor {
		projected := a.projected(p, cut)
		p.Drop(cut)
		bias := a.bias(p, m)
		seen := p.attend(projected, attending{
			weight: a.qkv.Weight, heads: a.Heads, scale: 1,
			turned: func(queries, keys Tensor) (Tensor, Tensor) { return a.scaled(p, p.unit(queries)), p.unit(keys) },
			bias:   func(scores Tensor) Tensor { return p.biased(scores, bias) },
		})
		p.Discard(bias)
		out := a.proj.Forward(p, seen)
		p.Drop(seen)
		return out
	})
}

// projected makes queries, keys and values_(B·N)S(3C). The biases of keys are left out: they would
// change nothing about plain products, and do about cosines.
func (a *CosineWindowAttention) projected(p *Pass, cut Tensor) Tensor {
	width := a.proj.Weight.Shape[0]
	without := a.constants.Get(p.Scope, fmt.Sprintf("biases without keys %d", width), func(s *Scope) Tensor {
		ones := make([]float32, 3*width)
		for i := range width {
			ones[i], ones[2*width+i] = 1, 1
		}
		return s.FromFloat32(ones, 3*width)
	})
	bias := p.Mul(a.qkv.Bias.Tensor, without)
	out := p.add(a.qkv.Weight, p.linear(cut, a.qkv.Weight.Tensor, bias))
	p.Discard(bias)
	return a.qkv.beside.onto(p, cut, out)
}

// unit divides each of vectors_BHSD by its length, as torch.nn.functional.normalize does. It computes
// in float32 in every precision, and of a copy: queries and keys that lie within all three would keep
// the values in memory, which are copied anyway.
func (p *Pass) unit(x Tensor) Tensor {
	const least, most = 1e-24, 1e30 // of the square of a length
	info := p.Describe(x)
	if p.Err() != nil {
		return Tensor{}
	}
	given := x
	if info.DType != Float32 {
		x = p.To(given, Float32)
	} else {
		x = p.contiguous(given)
	}
	p.Discard(given)
	squares := p.Mul(x, x)
	means := p.MeanOver(squares, 3)
	sums := p.Times(means, float64(info.Shape[3]))
	limited := p.Clamp(sums, least, most)
	lengths := p.Sqrt(limited)
	shares := p.Reciprocal(lengths)
	column := p.Reshape(shares, -1, info.Shape[1], info.Shape[2], 1)
	unit := p.Mul(x, column)
	p.Discard(squares, means, limited, column)
	for _, t := range []Tensor{x, sums, lengths, shares} {
		p.Drop(t)
	}
	return unit
}

// scaled multiplies unit vectors_BHSD by what their head's cosines are multiplied by.
func (a *CosineWindowAttention) scaled(p *Pass, units Tensor) Tensor {
	limited := p.Clamp(a.scale.Tensor, -1e30, math.Log(mostScale))
	factors := p.Exp(limited)
	out := p.Scales(a.scale, p.Mul(units, factors))
	p.Discard(limited)
	for _, t := range []Tensor{units, factors} {
		p.Drop(t)
	}
	return out
}

// bias is what scores gain: 16·sigmoid of what the small net says of distances.
func (a *CosineWindowAttention) bias(p *Pass, m mosaic) Tensor {
	const most = 16
	name := fmt.Sprintf("distances %d %d of %d", m.down, m.across, a.Trained)
	distances := a.constants.Get(p.Scope, name, func(s *Scope) Tensor { return m.distances(s, a.Trained) })
	wide := a.first.Forward(p, distances)
	hidden := p.ReLU(wide)
	said := a.second.Forward(p, hidden)
	gains := p.Sigmoid(said)
	table := p.Times(gains, most)
	bias := p.byDistance(a.constants, table, m)
	p.Discard(wide, said, table)
	p.Drop(hidden)
	p.Drop(gains)
	return bias
}

// distances are how far apart two places of a window may be, down and across, as the paper's
// equation 4 has it: sign(d)·log₂(1 + 8|d|)/3, where |d| is 1 for the ends of a window of the training.
func (n windows) distances(s *Scope, trained int64) Tensor {
	log := func(d, side int64) float32 {
		if trained > 0 {
			side = trained
		}
		far := 8 * float64(d) / float64(max(side-1, 1))
		return float32(math.Copysign(math.Log2(math.Abs(far)+1)/3, far))
	}
	var all []float32
	for y := 1 - n.down; y < n.down; y++ {
		for x := 1 - n.across; x < n.across; x++ {
			all = append(all, log(y, n.down), log(x, n.across))
		}
	}
	return s.FromFloat32(all, int64(len(all))/2, 2)
}
