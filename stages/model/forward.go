package model

import (
	"vertebra/stages/internal/torch"
)

// constants are what pixels are multiplied by, and what is added then.
func (n *Net) constants(s *torch.Scope, scale float64) (factor, addend torch.Tensor) {
	var f, a []float32
	for i, std := range n.input.Std {
		f = append(f, float32(scale/std))
		a = append(a, float32(-n.input.Mean[i]/std*scale))
	}
	shape := []int64{1, int64(len(f)), 1, 1}
	if n.volumes {
		shape = append(shape, 1)
	}
	return s.Move(s.FromFloat32(f, shape...), n.constant), s.Move(s.FromFloat32(a, shape...), n.constant)
}

// Forward makes logits_BK of images_BCHW with values in [0, 1]: the input's
// mean and spread are applied here, so no path to the net can forget them. The
// logits are float32 in every precision.
func (n *Net) Forward(p *torch.Pass, images_BCHW torch.Tensor) torch.Tensor {
	return n.through(p, n.body, n.enter(p, images_BCHW))
}

// Input says how images enter the net.
func (n *Net) Input() Input { return n.input }

// enter takes the middle of images and applies the input's mean and spread. Views and slices
// that go through the backbone one by one are rows then.
func (n *Net) enter(p *torch.Pass, images_BCHW torch.Tensor) torch.Tensor {
	middle := n.input.Crop(p.Scope, images_BCHW, n.Task.Held)
	factor, addend := n.factor, n.addend
	if p.Train {
		factor, addend = n.training[0], n.training[1]
	}
	made := p.Scale(n.oneByOne(p, middle), factor, addend)
	if middle != images_BCHW {
		p.Discard(middle)
	}
	return made
}

// oneByOne makes rows of what the backbone sees by itself.
func (n *Net) oneByOne(p *torch.Pass, images_BCHW torch.Tensor) torch.Tensor {
	if n.beside > 1 {
		stacks := max(1, n.Task.Stacks) // whose outermost slices are no neighbours
		images_BCHW = p.Windows(apart(p, images_BCHW, max(1, n.Task.Views)*stacks), int64(n.beside))
		images_BCHW = apart(p, images_BCHW, n.Task.Slices/stacks)
	} else {
		images_BCHW = apart(p, images_BCHW, n.Task.rows())
	}
	if n.volumes {
		images_BCHW = volume(p, images_BCHW)
	}
	return images_BCHW
}

// InputTensors are what pixels are multiplied by, and what is added then, outside training.
func (n *Net) InputTensors() []torch.Named {
	return []torch.Named{{Name: "input.factor", Tensor: n.factor}, {Name: "input.addend", Tensor: n.addend}}
}

// through sends x through some layers, in the net's precision. The result is float32.
func (n *Net) through(p *torch.Pass, layers torch.Sequence, x torch.Tensor) torch.Tensor {
	return p.To(n.within(p, layers, x), torch.Float32)
}

// within is through for layers that others follow, which see what these made as it is: a
// number drawn for float32, or rounded from it once more, would be another.
func (n *Net) within(p *torch.Pass, layers torch.Sequence, x torch.Tensor) torch.Tensor {
	x = n.ordered(p, layers, x)
	return p.Autocast(n.precision, func() torch.Tensor { return layers.Forward(p, x) })
}

// ordered keeps the channels of a place together, where the net computes so and the layers want it.
func (n *Net) ordered(p *torch.Pass, layers torch.Sequence, x torch.Tensor) torch.Tensor {
	if dims := len(p.Describe(x).Shape); n.channelsLast && (dims == 4 || dims == 5) && !behind(layers) {
		return p.ChannelsLast(x)
	}
	return x
}
