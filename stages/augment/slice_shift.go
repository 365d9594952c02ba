package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("slice_shift", "moves the window of slices along the stack", SliceShift{When: Always, By: 1})
}

// SliceShift shows the slices that lie some places further on, the same number in each view. Each
// number from −By to By is as likely as the others. Where the stack ends its outermost slice comes
// again (numpy.pad with mode edge), unless the net sees the middle of a larger one.
type SliceShift struct {
	By int `help:"most slices that the window moves, forwards or back" min:"0" max:"100"`
	When
}

// Draw draws how many slices.
func (a SliceShift) Draw(r *rand.Rand, _ Size) []float64 {
	return []float64{float64(r.IntN(2*a.By+1) - a.By)}
}

// Order counts on from each slice.
func (SliceShift) Order(numbers []float64, slices int) []int {
	out := make([]int, slices)
	for i := range out {
		out[i] = min(max(i+int(numbers[0]), 0), slices-1)
	}
	return out
}

// SliceReach is how far an entry moves the window of slices at most.
func (c Config) SliceReach() (most int) {
	for _, entry := range c {
		anyPart(entry.Part, func(a Augmentation) bool {
			if part, ok := a.(SliceShift); ok {
				most = max(most, part.By)
			}
			return false
		})
	}
	return most
}
