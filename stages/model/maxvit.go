package model

import (
	"fmt"
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// maxvit is torchvision.models.MaxVit (Tu et al. 2022, "MaxViT: Multi-axis vision transformer"), with its
// names: inverted residual blocks, each with attention within windows and on a grid behind it.
type maxvit struct {
	stem   int64
	widths [4]int64
	blocks [4]int
	head   int64   // features of a head
	side   int64   // places of windows and grids, down and across
	depth  float64 // of stochastic depth at the last layer; it rises from 0 at the first
}

func (n maxvit) build(p torch.Path, channels int64) (torch.Module, int64) {
	stem := p.Sub("stem")
	net := n.conv(stem.Sub("0"), channels, n.stem, convShape{kernel: 3, stride: 2})
	net = append(net, maxvitConv(stem.Sub("1").Sub("0"), n.stem, n.stem, 3))
	in, done, all := n.stem, 0, 0
	for _, blocks := range n.blocks {
		all += blocks
	}
	for i, width := range n.widths {
		for j := range n.blocks[i] {
			at := p.Sub("blocks").Sub(strconv.Itoa(i)).Sub("layers").Sub(strconv.Itoa(j)).Sub("layers")
			depth := n.depth * float64(done) / float64(all-1)
			net = append(net, n.inverted(at.Sub("MBconv"), in, width, j == 0, depth), channelsBehind)
			net = append(net, n.attention(at.Sub("window_attention"), width, false, depth)...)
			net = append(append(net, n.attention(at.Sub("grid_attention"), width, true, depth)...), channelsBefore)
			in, done = width, done+1
		}
	}
	last := p.Sub("classifier")
	return append(net, torch.GlobalAverage, torch.NewLayerNorm(last.Sub("2"), in, swinEpsilon),
		torch.NewLinearOf(last.Sub("3"), in, in, torch.Normal(0.02), torch.Constant(0)), torch.Tanh), in
}

// conv is a convolution without bias, batch-norm and GELU.
func (n maxvit) conv(p torch.Path, in, out int64, c convShape) torch.Sequence {
	o := torch.Conv2DOptions{Stride: c.stride, Padding: (c.kernel - 1) / 2, Groups: c.groups, Init: torch.Normal(0.02)}
	return torch.Sequence{torch.NewConv2D(p.Sub("0"), in, out, c.kernel, o), maxvitNorm(p.Sub("1"), out), torch.GELU}
}

// maxvitNorm has TensorFlow's epsilon and momentum.
func maxvitNorm(p torch.Path, channels int64) *torch.BatchNorm {
	norm := torch.NewBatchNorm(p, channels)
	norm.Eps, norm.Momentum = tensorflowEps, 0.01
	return norm
}

// maxvitConv is one with bias.
func maxvitConv(p torch.Path, in, out, kernel int64) *torch.Conv2D {
	return torch.NewConv2D(p, in, out, kernel, torch.Conv2DOptions{Padding: (kernel - 1) / 2, Bias: true, Init: torch.Normal(0.02), BiasInit: torch.Constant(0)})
}

// inverted is torchvision's MBConv; the first of a stage halves the map.
func (n maxvit) inverted(p torch.Path, in, out int64, first bool, depth float64) torch.Module {
	layers, wide, spatial := p.Sub("layers"), 4*out, convShape{kernel: 3, stride: 1, groups: 4 * out}
	k := skip{depth: torch.StochasticDepth{Name: p.Name(), P: depth}}
	if first {
		spatial.stride = 2
		k.shortcut = torch.Sequence{torch.AveragePoolOver2D(3, 2, 1), maxvitConv(p.Sub("proj").Sub("1"), in, out, 1)}
	}
	norm := maxvitNorm(layers.Sub("pre_norm"), in)
	k.branch = append(torch.Sequence{norm}, n.conv(layers.Sub("conv_a"), in, wide, convShape{kernel: 1, stride: 1})...)
	k.branch = append(k.branch, n.conv(layers.Sub("conv_b"), wide, wide, spatial)...)
	k.branch = append(k.branch, newExcitation(layers.Sub("squeeze_excitation"), wide, out/4, (*torch.Pass).SiLU, (*torch.Pass).Sigmoid))
	k.branch = append(k.branch, maxvitConv(layers.Sub("conv_c"), wide, out, 1))
	return k
}

// attention is that of maps_BHWC, and a net of each place, each beside a skip.
func (n maxvit) attention(p torch.Path, width int64, grid bool, depth float64) []torch.Module {
	first, second := p.Sub("attn_layer"), p.Sub("mlp_layer")
	linear := func(name string, in, out int64) *torch.Linear {
		return torch.NewLinearOf(second.Sub(name), in, out, torch.Normal(0.02), torch.Constant(0))
	}
	look := torch.Sequence{torch.NewLayerNorm(first.Sub("0"), width, swinEpsilon), torch.NewPartitionAttention(first.Sub("1"), width, width/n.head, n.side, grid)}
	think := torch.Sequence{torch.NewLayerNorm(second.Sub("0"), width, swinEpsilon), linear("1", width, 4*width), torch.GELU, linear("3", 4*width, width)}
	return []torch.Module{
		skip{branch: look, depth: torch.StochasticDepth{Name: first.Name(), P: depth}},
		skip{branch: think, depth: torch.StochasticDepth{Name: second.Name(), P: depth}},
	}
}

func (n maxvit) groups() []string {
	groups := []string{"stem", "blocks"}
	for i, blocks := range n.blocks {
		stage := "blocks." + strconv.Itoa(i)
		groups = append(groups, stage)
		for j := range blocks {
			groups = append(groups, stage+".layers."+strconv.Itoa(j))
		}
	}
	return append(groups, "classifier.2", "classifier.3")
}

// fits wants maps of all stages to be whole numbers of windows: a stage, and the stem, halve them.
func (n maxvit) fits(height, width int) error {
	side := int(n.side) << (len(n.widths) + 1)
	if height%side == 0 && width%side == 0 && height > 0 && width > 0 {
		return nil
	}
	nearest := max(1, (width+side/2)/side) * side
	return stage.Fault{
		Err:  fmt.Errorf("images of %d × %d pixels: the windows of this net want sides that are multiples of %d", width, height, side),
		Hint: fmt.Sprintf("write resize: {pixels: %d} in preprocess, or take a net for images of any size, such as swin_v2_t", nearest),
	}
}
