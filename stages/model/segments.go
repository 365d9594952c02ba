package model

import "slices"

// left is what some layers leave for the backward pass of one image.
type left struct {
	numbers, places int64 // see Size.Activations
	shares, between int64 // of them, see Size
}

// bytes are those of float32, and of places.
func (l left) bytes() int64 { return 4*l.numbers + 8*l.places }

func (l left) plus(m left) left {
	return left{l.numbers + m.numbers, l.places + m.places, l.shares + m.shares, l.between + m.between}
}

func (l left) minus(m left) left {
	return left{l.numbers - m.numbers, l.places - m.places, l.shares - m.shares, l.between - m.between}
}

// segments says where the segments of a net begin whose layers are computed again in the
// backward pass (Chen et al. 2016, "Training deep nets with sublinear memory cost"): of all
// divisions of the layers from the given one on, one whose largest need is the smallest. A segment
// that is computed again needs what it leaves, what all up to it take in, and the gradient of what
// it gives. The last one is not computed again; of equal divisions it is the longest.
func (s Size) segments(from int) []int {
	whole := s.need([]int{from}, 0).bytes()
	low, high := int64(0), whole // need more than low, and no more than high
	best := []int{from}
	for low+1 < high {
		middle := low + (high-low)/2
		if found := s.within(from, middle); found != nil {
			high, best = middle, found
		} else {
			low = middle
		}
	}
	return best
}

// within is a division of which no segment needs more bytes than that; nil where there is none.
func (s Size) within(from int, most int64) []int {
	n := len(s.Outputs)
	taken, before := make([]int64, n+1), make([]int, n+1) // bytes that segments up to here take in, and where the one before begins
	for b := from + 1; b <= n; b++ {
		before[b] = -1
	}
	taken[from] = 4 * s.input(from)
	for b := from + 1; b <= n; b++ {
		slope := int64(0)
		if b < n {
			slope = 4 * s.input(b)
		}
		for a := from; a < b; a++ {
			if (a > from && before[a] < 0) || taken[a]+s.between(a, b).bytes()+slope > most {
				continue
			}
			if sum := taken[a] + slope; before[b] < 0 || sum < taken[b] {
				taken[b], before[b] = sum, a
			}
		}
	}
	if before[n] < 0 {
		return nil
	}
	var out []int
	for at := n; at != from; at = before[at] {
		out = append(out, before[at])
	}
	slices.Reverse(out)
	return out
}

// need is what the i-th of some segments needs at most while it is computed for its gradients.
func (s Size) need(begins []int, i int) left {
	end, sum := len(s.Outputs), left{}
	if i+1 < len(begins) {
		end = begins[i+1]
		sum.numbers = s.input(end) // the gradient of what it gives
	}
	for _, at := range begins[:i+1] {
		sum.numbers += s.input(at)
	}
	return sum.plus(s.between(begins[i], end))
}

// worst is the largest need of some segments.
func (s Size) worst(begins []int) (worst left) {
	for i := range begins {
		if need := s.need(begins, i); need.bytes() > worst.bytes() {
			worst = need
		}
	}
	return worst
}

// between is what the layers from a up to b leave.
func (s Size) between(a, b int) left { return s.kept[b].minus(s.kept[a]) }

// input is how many numbers a layer takes in.
func (s Size) input(layer int) int64 {
	if layer == 0 {
		return s.kept[0].numbers
	}
	return s.Outputs[layer-1]
}
