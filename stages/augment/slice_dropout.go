package augment

import (
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("slice_dropout", "blackens slices of a stack, so that the net does not lean on one of them", SliceDropout{When: When{P: 0.5, From: 1}, Share: 0.2})
}

// SliceDropout blackens each slice with a chance. Of all slices of an image at least one
// stays.
type SliceDropout struct {
	Share float64 `help:"chance of a slice that it is blackened" min:"0" max:"1"`
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

// Apply blackens slices whose number is below the share, but never that of the largest.
func (a SliceDropout) Apply(m Images) torch.Tensor {
	if m.Slices < 2 {
		return m.Images_NCHW
	}
	channels := int(m.Channels())
	kept := make([]float32, 0, channels*len(m.Numbers))
	for _, numbers := range m.Numbers {
		for c := range channels {
			stays := float32(0)
			if c >= mostSlices || numbers[c] >= a.Share || c == largest(numbers[:min(channels, mostSlices)]) {
				stays = 1
			}
			kept = append(kept, stays)
		}
	}
	return m.Mul(m.Images_NCHW, m.FromFloat32(kept, int64(len(m.Numbers)), int64(channels), 1, 1))
}

func largest(numbers []float64) (at int) {
	for i, v := range numbers {
		if v > numbers[at] {
			at = i
		}
	}
	return at
}
