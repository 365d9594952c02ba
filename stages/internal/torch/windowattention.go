package torch

import "fmt"

// WindowAttention is torchvision's ShiftedWindowAttention: the places of each window of a
// map look at one another, and what a score gains depends on how far apart two are (Liu et
// al. 2021, "Swin Transformer", section 3.2). Every second layer of a net shifts its windows.
type WindowAttention struct {
	Heads, Window int64
	Shift         int64 // by how many places windows are moved down and right; 0 for none
	qkv, proj     *Linear
	table         *Parameter // ((2·window − 1)², heads): by the distance down and across
	constants     *Constants
}

// NewWindowAttention makes the layer under the path, with torchvision's names and first
// weights.
func NewWindowAttention(p Path, width, heads, window, shift int64) *WindowAttention {
	return &WindowAttention{
		Heads: heads, Window: window, Shift: shift,
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
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	h, w := a.whole(shape[1]), a.whole(shape[2])
	down, right := a.shift(h), a.shift(w)
	padded := p.PadBehind(p.Passing(x), h-shape[1], w-shape[2])
	moved := p.roll(padded, -down, -right)
	windows := a.cut(p, moved, h, w)
	for _, t := range []Tensor{padded, moved} {
		if t != x {
			p.Discard(t)
		}
	}
	projected := a.qkv.Forward(p, windows)
	p.Drop(windows)
	bias := a.bias(p, h, w, down, right)
	seen := p.attend(projected, a.qkv.Weight, a.Heads, func(scores Tensor) Tensor { return a.biased(p, scores, bias) })
	p.Discard(bias)
	out := a.proj.Forward(p, seen)
	p.Drop(seen)
	joined := a.join(p, out, h, w)
	back := p.roll(joined, down, right)
	if back != joined {
		p.Discard(joined)
	}
	if h == shape[1] && w == shape[2] {
		return back
	}
	rows := p.Narrow(back, 1, 0, shape[1])
	made := p.Narrow(rows, 2, 0, shape[2])
	p.Discard(back, rows)
	return made
}

// whole is the next multiple of the window.
func (a *WindowAttention) whole(places int64) int64 {
	return (places + a.Window - 1) / a.Window * a.Window
}

// shift is none where one window covers all.
func (a *WindowAttention) shift(places int64) int64 {
	if places <= a.Window {
		return 0
	}
	return a.Shift
}

// cut makes windows_(B·N)SC of maps_BHWC, of S places each.
func (a *WindowAttention) cut(p *Pass, x Tensor, h, w int64) Tensor {
	c := p.Describe(x).Shape[3]
	split := p.Reshape(x, -1, h/a.Window, a.Window, w/a.Window, a.Window, c)
	ordered := p.Permute(split, 0, 1, 3, 2, 4, 5)
	windows := p.Reshape(ordered, -1, a.Window*a.Window, c)
	p.Discard(split, ordered)
	return windows
}

// join undoes cut.
func (a *WindowAttention) join(p *Pass, windows Tensor, h, w int64) Tensor {
	c := p.Describe(windows).Shape[2]
	split := p.Reshape(windows, -1, h/a.Window, w/a.Window, a.Window, a.Window, c)
	ordered := p.Permute(split, 0, 1, 3, 2, 4, 5)
	maps := p.Reshape(ordered, -1, h, w, c)
	p.Discard(windows, split, ordered)
	return maps
}

// bias is what the scores of one image's windows gain: (1, heads, S, S), or (N, heads, S, S)
// where windows are shifted, so that some hold places from opposite ends of the map.
func (a *WindowAttention) bias(p *Pass, h, w, down, right int64) Tensor {
	s := a.Window * a.Window
	index := a.constants.Get(p.Scope, fmt.Sprintf("relative places %d", a.Window), a.relative)
	rows := p.Scales(a.table, p.take(a.table.Tensor, index))
	square := p.Reshape(rows, s, s, a.Heads)
	ordered := p.Permute(square, 2, 0, 1)
	near := p.contiguous(ordered)
	bias := p.Reshape(near, 1, a.Heads, s, s)
	p.Discard(rows, square, ordered, near)
	if down == 0 && right == 0 {
		return bias
	}
	name := fmt.Sprintf("strangers %d %d %d %d %d", h, w, a.Window, down, right)
	mask := a.constants.Get(p.Scope, name, func(s *Scope) Tensor { return a.strangers(s, h, w, down, right) })
	sum := p.Add(bias, mask)
	p.Discard(bias)
	return sum
}

// biased adds the bias to scores_(B·N)HSS.
func (a *WindowAttention) biased(p *Pass, scores, bias Tensor) Tensor {
	shape := p.Describe(bias).Shape
	if p.Err() != nil || shape[0] == 1 {
		return p.Add(scores, bias)
	}
	split := p.Reshape(scores, append([]int64{-1}, shape...)...)
	sum := p.Add(split, bias)
	out := p.Reshape(sum, -1, shape[1], shape[2], shape[3])
	p.Discard(split, sum)
	return out
}

// relative numbers the distances between all pairs of places of a window.
func (a *WindowAttention) relative(s *Scope) Tensor {
	w := a.Window
	var index []int64
	for i := range w * w {
		for j := range w * w {
			index = append(index, (i/w-j/w+w-1)*(2*w-1)+i%w-j%w+w-1)
		}
	}
	return s.FromInt64(index, int64(len(index)))
}

// apart is what the score of two places loses that are no neighbours, as in torchvision.
const apart = -100

// strangers is −100 for places of a window that came there from opposite ends of the map,
// else 0: (N, 1, S, S).
func (a *WindowAttention) strangers(s *Scope, h, w, down, right int64) Tensor {
	size, across := a.Window*a.Window, w/a.Window
	var mask []float32
	for window := range h / a.Window * across {
		end := make([]int64, size) // which end of the map a place is from
		for i := range size {
			y, x := window/across*a.Window+i/a.Window, window%across*a.Window+i%a.Window
			end[i] = 2*came(y, h, down) + came(x, w, right)
		}
		for _, one := range end {
			for _, other := range end {
				mask = append(mask, apart*float32(min(1, max(one-other, other-one))))
			}
		}
	}
	return s.FromFloat32(mask, int64(len(mask))/size/size, 1, size, size)
}

// came is 1 for the last places of a side, which the shift brought there from its beginning.
func came(place, places, shift int64) int64 {
	if place >= places-shift {
		return 1
	}
	return 0
}
