package torch

import "fmt"

// windows are how many places down and across belong together.
type windows struct{ down, across int64 }

// mosaic is a map of whole windows: its height and width, and by how many places it was moved up
// and to the left before it was cut.
type mosaic struct {
	windows
	h, w, up, left int64
}

// moved lets work make windows_(B·N)SC of those of maps_BHWC, and puts them together again. Maps that
// no whole number of windows covers get zeros to the right and below, which take part as any place
// does. Windows are shifted along a side that has several.
func (n windows) moved(p *Pass, x Tensor, shift int64, work func(cut Tensor, m mosaic) Tensor) Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	m := mosaic{windows: n, h: wholes(shape[1], n.down), w: wholes(shape[2], n.across)}
	if m.h > n.down {
		m.up = shift
	}
	if m.w > n.across {
		m.left = shift
	}
	padded := p.PadBehind(p.Passing(x), m.h-shape[1], m.w-shape[2])
	moved := p.roll(padded, -m.up, -m.left)
	cut := m.cut(p, moved, shape[3])
	for _, t := range []Tensor{padded, moved} {
		if t != x {
			p.Discard(t)
		}
	}
	joined := m.join(p, work(cut, m))
	back := p.roll(joined, m.up, m.left)
	if back != joined {
		p.Discard(joined)
	}
	if m.h == shape[1] && m.w == shape[2] {
		return back
	}
	rows := p.Narrow(back, 1, 0, shape[1])
	made := p.Narrow(rows, 2, 0, shape[2])
	p.Discard(back, rows)
	return made
}

// wholes is the next multiple of a window's places.
func wholes(places, window int64) int64 { return (places + window - 1) / window * window }

// cut makes windows_(B·N)SC of maps_BHWC, of S places each.
func (m mosaic) cut(p *Pass, x Tensor, channels int64) Tensor {
	split := p.Reshape(x, -1, m.h/m.down, m.down, m.w/m.across, m.across, channels)
	ordered := p.Permute(split, 0, 1, 3, 2, 4, 5)
	cut := p.Reshape(ordered, -1, m.down*m.across, channels)
	p.Discard(split, ordered)
	return cut
}

// join undoes cut.
func (m mosaic) join(p *Pass, cut Tensor) Tensor {
	shape := p.Describe(cut).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	split := p.Reshape(cut, -1, m.h/m.down, m.w/m.across, m.down, m.across, shape[2])
	ordered := p.Permute(split, 0, 1, 3, 2, 4, 5)
	maps := p.Reshape(ordered, -1, m.h, m.w, shape[2])
	p.Discard(cut, split, ordered)
	return maps
}

// byDistance makes what scores of a mosaic's windows gain of table_DH, of D distances and H heads:
// (1, H, S, S), or (N, H, S, S) where windows are shifted.
func (p *Pass) byDistance(constants *Constants, table Tensor, m mosaic) Tensor {
	s, shape := m.down*m.across, p.Describe(table).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	index := constants.Get(p.Scope, fmt.Sprintf("relative places %d %d", m.down, m.across), m.relative)
	rows := p.take(table, index)
	square := p.Reshape(rows, s, s, shape[1])
	ordered := p.Permute(square, 2, 0, 1)
	near := p.contiguous(ordered)
	bias := p.Reshape(near, 1, shape[1], s, s)
	p.Discard(rows, square, ordered, near)
	if m.up == 0 && m.left == 0 {
		return bias
	}
	mask := constants.Get(p.Scope, fmt.Sprint("strangers ", m), m.strangers)
	sum := p.Add(bias, mask)
	p.Discard(bias)
	return sum
}

// biased adds a bias to scores_(B·N)HSS.
func (p *Pass) biased(scores, bias Tensor) Tensor {
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
func (n windows) relative(s *Scope) Tensor {
	h, w := n.down, n.across
	var index []int64
	for i := range h * w {
		for j := range h * w {
			index = append(index, (i/w-j/w+h-1)*(2*w-1)+i%w-j%w+w-1)
		}
	}
	return s.FromInt64(index, int64(len(index)))
}

// apart is what the score of two places loses that are no neighbours, as in torchvision.
const apart = -100

// strangers is −100 for places of a window that came there from opposite ends of the map,
// else 0: (N, 1, S, S).
func (m mosaic) strangers(s *Scope) Tensor {
	size, across := m.down*m.across, m.w/m.across
	var mask []float32
	for window := range m.h / m.down * across {
		end := make([]int64, size) // which end of the map a place is from
		for i := range size {
			y, x := window/across*m.down+i/m.across, window%across*m.across+i%m.across
			end[i] = 2*came(y, m.h, m.up) + came(x, m.w, m.left)
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
