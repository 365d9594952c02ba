package augment

import "vertebra/stages/internal/torch"

// inOrder gives images the slices that the entries' orders say, one after the other: one
// reading of all channels.
func (p *plan) inOrder(s *torch.Scope, images_BCHW torch.Tensor) torch.Tensor {
	orders, moved := p.orders()
	if len(moved) == 0 {
		return images_BCHW
	}
	return onSome(s, images_BCHW, moved, len(p.batch.Samples), func(s *torch.Scope, x_NCHW torch.Tensor) torch.Tensor {
		return channelsAt(s, x_NCHW, orders)
	})
}

// orders says which slice of its view each one is, of those images that some entry works on.
func (p *plan) orders() (orders [][]int, images []int) {
	if p.batch.Slices < 2 {
		return nil, nil
	}
	for i := range p.batch.Samples {
		order := every(p.batch.Slices)
		for _, l := range p.leaves {
			part, ok := l.part.(Slicing)
			if !ok || !l.draws[i].on {
				continue
			}
			before := order
			order = part.Order(l.draws[i].numbers, p.batch.Slices)
			for at, from := range order {
				order[at] = before[from]
			}
		}
		if !isEvery(order) {
			orders, images = append(orders, order), append(images, i)
		}
	}
	return orders, images
}

func isEvery(order []int) bool {
	for i, from := range order {
		if i != from {
			return false
		}
	}
	return true
}

// channelsAt takes for each image the channels that its order says, which is of the slices of each
// view, or of all channels.
func channelsAt(s *torch.Scope, x_NCHW torch.Tensor, orders [][]int) torch.Tensor {
	shape := s.Describe(x_NCHW).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	channels := int(shape[1])
	at := make([]int, 0, channels*len(orders))
	for i, order := range orders {
		for c := range channels {
			at = append(at, i*channels+c-c%len(order)+order[c%len(order)])
		}
	}
	rows := s.Reshape(x_NCHW, -1, shape[2], shape[3])
	return s.Reshape(s.Rows(rows, at), shape...)
}
