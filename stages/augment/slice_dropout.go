package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("slice_dropout", "takes slices out of a stack, so that the net does not lean on one of them", SliceDropout{When: When{P: 0.5, From: 1}, Share: 0.2, Fill: "black"})
}

// SliceDropout takes each slice away with a chance. Of the slices that the net sees of an image at
// least one stays; with fill: nearest, of those of each view.
type SliceDropout struct {
	Share float64 `help:"chance of a slice that it is taken away" min:"0" max:"1"`
	Fill  string  `help:"what is seen in its place: nothing (black), or the nearest slice of its view that stays, of two the one before it (nearest)" oneof:"black nearest"`
	When
}

// mostSlices is how many channels an image may have; of more, the last are left alone.
const mostSlices = 1024

// Draw draws a number for each slice that there may be.
func (SliceDropout) Draw(r *rand.Rand, _ Size) []float64 {
	out := make([]float64, mostSlices)
	for i := range out {
		out[i] = r.Float64()
	}
	return out
}

// Apply takes away the slices whose number is below the share, but never that of the largest.
func (a SliceDropout) Apply(m Images) torch.Tensor {
	channels := int(m.Channels())
	switch {
	case m.Slices < 2 || channels == 0:
		return m.Images_NCHW
	case a.Fill == "nearest":
		return channelsAt(m.Scope, m.Images_NCHW, a.orders(m, channels))
	}
	kept := make([]float32, 0, channels*len(m.Numbers))
	for _, numbers := range m.Numbers {
		for _, stays := range a.stays(numbers, m, 0, channels) {
			kept = append(kept, map[bool]float32{true: 1}[stays])
		}
	}
	return m.Mul(m.Images_NCHW, m.FromFloat32(kept, int64(len(m.Numbers)), int64(channels), 1, 1))
}

// orders says for each channel of each image which one is seen in its place.
func (a SliceDropout) orders(m Images, channels int) (out [][]int) {
	for _, numbers := range m.Numbers {
		order := make([]int, 0, channels)
		for first := 0; first < channels; first += m.Slices {
			for _, c := range nearest(a.stays(numbers, m, first, first+m.Slices)) {
				order = append(order, first+c)
			}
		}
		out = append(out, order)
	}
	return out
}

// stays says which channels from a first one to a last do.
func (a SliceDropout) stays(numbers []float64, m Images, first, end int) []bool {
	out, largest := make([]bool, end-first), -1
	for c := first; c < end; c++ {
		if c >= mostSlices {
			out[c-first] = true
			continue
		}
		out[c-first] = numbers[c] >= a.Share
		if m.seen(c) && (largest < 0 || numbers[c] > numbers[largest]) {
			largest = c
		}
	}
	if largest >= 0 {
		out[largest-first] = true
	}
	return out
}

// nearest gives for each place the nearest one that stays, of two the first.
func nearest(stays []bool) []int {
	out := make([]int, len(stays))
	for i := range out {
		best := -1
		for j, is := range stays {
			if is && (best < 0 || max(i-j, j-i) < max(i-best, best-i)) {
				best = j
			}
		}
		out[i] = best
	}
	return out
}
