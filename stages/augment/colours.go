package augment

import "vertebra/stages/internal/torch"

// coloured is a part that changes colours and leaves grey images as they are.
type coloured interface{ ofColours() }

// eachColour lets work change all views' channels of red, green and blue, each (N, V, H, W) with
// numbers of the images as (N, 1, 1, 1).
func (m Images) eachColour(work func(rgb [3]torch.Tensor) [3]torch.Tensor) torch.Tensor {
	const colours = 3
	n, views := int64(len(m.Numbers)), m.Channels()/colours
	if m.Err() != nil {
		return torch.Tensor{}
	}
	x_NVCHW := m.Reshape(m.Images_NCHW, n, views, colours, m.Height(), m.Width())
	var rgb [colours]torch.Tensor
	for c := range rgb {
		rgb[c] = m.Select(x_NVCHW, 2, int64(c))
	}
	var out torch.Tensor
	for c, x_NVHW := range work(rgb) {
		x := m.Reshape(x_NVHW, n, views, 1, m.Height(), m.Width())
		if c == 0 {
			out = x
		} else {
			out = m.StackOver(out, x, 2)
		}
	}
	return m.Reshape(out, n, views*colours, m.Height(), m.Width())
}
