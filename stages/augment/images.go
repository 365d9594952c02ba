package augment

import "vertebra/stages/internal/torch"

// Images are those images of a batch that one entry works on.
type Images struct {
	*torch.Scope
	Images_NCHW torch.Tensor
	Size        Size
	Slices      int  // as in Batch
	Seen        int  // likewise
	Colours     bool // likewise
	// Numbers are those that the entry drew for each image.
	Numbers [][]float64
	// Keys are random for each image; for fields of random numbers.
	Keys []uint64
}

// Number gives the i-th number of every image as numbers_N111.
func (m Images) Number(i int) torch.Tensor {
	return m.Per(func(numbers []float64) float64 { return numbers[i] })
}

// Per gives a function of the numbers of every image as values_N111.
func (m Images) Per(value func(numbers []float64) float64) torch.Tensor {
	list := make([]float32, len(m.Numbers))
	for i, numbers := range m.Numbers {
		list[i] = float32(value(numbers))
	}
	return m.FromFloat32(list, int64(len(list)), 1, 1, 1)
}

// Sigmas gives the i-th number of every image as sigmas_N.
func (m Images) Sigmas(i int) torch.Tensor { return m.Reshape(m.Number(i), int64(len(m.Numbers))) }

// Height and Width are those of the images, for shapes.
func (m Images) Height() int64 { return int64(m.Size.Height) }

// Width is the images' width.
func (m Images) Width() int64 { return int64(m.Size.Width) }

// Channels is how many channels the images have.
func (m Images) Channels() int64 {
	if shape := m.Describe(m.Images_NCHW).Shape; len(shape) == 4 {
		return shape[1]
	}
	return 0
}

// seen says whether the net sees a channel: the middle slices of each view.
func (m Images) seen(channel int) bool {
	if m.Seen == 0 {
		return true
	}
	first := (m.Slices - m.Seen) / 2
	slice := channel % m.Slices
	return slice >= first && slice < first+m.Seen
}

// onSome lets work change some images of a batch and leaves the others alone, bit
// for bit. All that work makes on the way is freed at once.
func onSome(s *torch.Scope, images_BCHW torch.Tensor, some []int, total int, work func(*torch.Scope, torch.Tensor) torch.Tensor) torch.Tensor {
	return s.Inner(func(s *torch.Scope) torch.Tensor {
		if len(some) == total {
			return work(s, images_BCHW)
		}
		return s.PutRows(images_BCHW, some, work(s, s.Rows(images_BCHW, some)))
	})
}

// constant gives one number for all pixels, as value_1111.
func (m Images) constant(value float64) torch.Tensor {
	return m.FromFloat32([]float32{float32(value)}, 1, 1, 1, 1)
}

// rectangles gives count rectangles, four numbers each from the first on, as
// boxes_NK4.
func (m Images) rectangles(first, count int) torch.Tensor {
	flat := make([]float32, 0, 4*count*len(m.Numbers))
	for _, numbers := range m.Numbers {
		for _, v := range numbers[first : first+4*count] {
			flat = append(flat, float32(v))
		}
	}
	return m.FromFloat32(flat, int64(len(m.Numbers)), int64(count), 4)
}
