package model

import (
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("convnet", "small plain net: a 3×3 convolution, batch-norm, ReLU and 2×2 pooling for each width", ConvNet{Widths: []int{16, 32, 64}})
}

// ConvNet is a small net for baselines, tests and machines without a GPU.
type ConvNet struct {
	Widths  []int         `help:"channels after each block" min:"1" max:"8192"`
	Weights registry.Path `help:"safetensors file to begin from; empty draws the weights"`
}

// Build makes the net under the path.
func (c ConvNet) Build(p torch.Path, channels int64) (torch.Module, int64) {
	var net torch.Sequence
	in := channels
	for i, w := range c.Widths {
		q, width := p.Sub("blocks").Sub(strconv.Itoa(i)), int64(w)
		net = append(net, conv(q.Sub("conv"), in, width, 3, 1, 1), torch.NewBatchNorm(q.Sub("bn"), width), torch.ReLU, torch.MaxPool2D(2, 2, 0))
		in = width
	}
	return append(net, torch.GlobalAverage), in
}

// Groups names the blocks.
func (c ConvNet) Groups() []string {
	groups := []string{"blocks"}
	for i := range c.Widths {
		groups = append(groups, "blocks."+strconv.Itoa(i))
	}
	return groups
}

// File is where the weights come from.
func (c ConvNet) File() registry.Path { return c.Weights }
