package model

import (
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// Pooling makes one set of features of those of a sample's slices, which went through the
// backbone one by one.
type Pooling interface {
	// Build makes the layers under the path. The module makes features_BO of features_BSF, of
	// so many slices and features; out is O. It computes in float32.
	Build(p torch.Path, slices, features int64) (m torch.Module, out int64)
}

// Poolings are the parts.
var Poolings = registry.New[Pooling]("pooling of slices")

// pooled lets a Pooling see the rows of a batch's slices.
type pooled struct {
	pool   torch.Module
	slices int64
}

// Forward makes features_BO of features_(B·S)F.
func (m pooled) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return torch.Tensor{}
	}
	return p.InFloat32(func() torch.Tensor {
		return m.pool.Forward(p, p.Reshape(p.To(x, torch.Float32), -1, m.slices, shape[1]))
	})
}

// Fixed says whether the pooling is.
func (m pooled) Fixed() bool { return torch.Fixed(m.pool) }

// Random says whether the pooling draws numbers in training.
func (m pooled) Random() bool { return torch.Random(m.pool) }

func (m pooled) joins() int { return int(m.slices) }

// pool makes the layer behind the backbone; it belongs to the head.
func (c Config) pool(root torch.Path, slices, features int64) (torch.Module, int64) {
	m, out := c.Slices.Part.Build(root.Sub("head").Sub("slices"), slices, features)
	return pooled{m, slices}, out
}

// Blind says whether the net gives the same for any order of slices: they enter one by one,
// and what they are pooled by takes them as a set.
func (c Config) Blind() bool {
	if c.Slices == nil || c.SliceChannels > 1 {
		return false
	}
	switch c.Slices.Part.(type) {
	case MeanOfSlices, MaxOfSlices, Attention:
		return true
	}
	return false
}

// rows is how many rows a sample has in what so many layers give: one for each slice of each
// view behind the backbone, one for each view behind the pooling, and one in the end.
func (n *Net) rows(layers int) int {
	if layers == 0 {
		return 1
	}
	rows := n.Task.rows()
	for _, layer := range n.body[:layers] {
		if j, ok := layer.(interface{ joins() int }); ok {
			rows /= j.joins()
		}
	}
	return rows
}

// fitsSlices wants of an image the channels of as many slices as the task says.
func (c Config) fits(channels int, task Task) error {
	if c.Volumetric() {
		return c.fitsVolume(channels, task)
	}
	each := channels / task.rows()
	switch w := c.SliceChannels; {
	case task.Slices > 1 && w > 1 && each != 1:
		return fmt.Errorf("slices have %d channels; slice_channels: %d wants slices of one", each, w)
	case task.Slices > 1 && w > 1 && w != c.Input.Channels:
		return fmt.Errorf("slice_channels is %d, the net takes %d channels", w, c.Input.Channels)
	case each != 1 && each != c.Input.Channels:
		return fmt.Errorf("images have %d channels, the net takes %d", each, c.Input.Channels)
	}
	return nil
}
