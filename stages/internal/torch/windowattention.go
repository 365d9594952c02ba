package torch

// WindowAttention is torchvision's ShiftedWindowAttention: the places of each window of a
// map look at one another, and what a score gains depends on how far apart two are (Liu et
// al. 2021, "Swin Transformer", section 3.2). Every second layer of a net shifts its windows.
type WindowAttention struct {
	Heads     int64
	Shift     int64 // by how many places windows are moved down and right; 0 for none
	windows   windows
	qkv, proj *Linear
	table     *Parameter // ((2·window − 1)², heads): by the distance down and across
	constants *Constants
}

// NewWindowAttention makes the layer under the path, with torchvision's names and first
// weights.
func NewWindowAttention(p Path, width, heads, window, shift int64) *WindowAttention {
	return &WindowAttention{
		Heads: heads, Shift: shift, windows: windows{window, window},
		qkv:       NewLinearOf(p.Sub("qkv").ofAttention(), width, 3*width, Normal(0.02), Constant(0)),
		proj:      NewLinearOf(p.Sub("proj").ofAttention(), width, width, Normal(0.02), Constant(0)),
		table:     p.Embedding("relative_position_bias_table", Normal(0.02), (2*window-1)*(2*window-1), heads),
		constants: p.Constants(),
	}
}

// Fixed says whether nothing of it is trained.
func (a *WindowAttention) Fixed() bool {
	return frozen(a.table) && a.qkv.Fixed() && a.proj.Fixed()
}

// Forward makes maps_BHWC of maps_BHWC. Maps that no whole number of windows covers get
// zeros to the right and below, which take part as any place does.
func (a *WindowAttention) Forward(p *Pass, x Tensor) Tensor {
	return a.windows.moved(p, x, a.Shift, func(cut Tensor, m mosaic) Tensor {
		projected := a.qkv.Forward(p, cut)
		p.Drop(cut)
		bias := a.bias(p, m)
		seen := p.attend(projected, attending{weight: a.qkv.Weight, heads: a.Heads, bias: func(scores Tensor) Tensor { return p.biased(scores, bias) }})
		p.Discard(bias)
		out := a.proj.Forward(p, seen)
		p.Drop(seen)
		return out
	})
}

// bias is what the scores of one image's windows gain: (1, heads, S, S), or (N, heads, S, S)
// where windows are shifted, so that some hold places from opposite ends of the map.
func (a *WindowAttention) bias(p *Pass, m mosaic) Tensor {
	return p.byDistance(a.constants, p.Scales(a.table, a.table.Tensor), m)
}
