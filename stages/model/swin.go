package model

import (
	"strconv"

	"vertebra/stages/internal/torch"
)

// swin is torchvision.models.SwinTransformer (Liu et al. 2021, "Swin Transformer"), with its
// names: attention within windows, which every second block shifts.
type swin struct {
	width, heads int64 // of the first stage; each has twice those of the one before
	blocks       [4]int
	depth        float64                         // of stochastic depth at the last block; it rises from 0 at the first
	v2           func(i int) torch.CosineWindows // windows of a stage of the second version; nil: the first
}

const (
	swinWindow  = 7
	swinEpsilon = 1e-5
)

func (n swin) build(p torch.Path, channels int64) (torch.Module, int64) {
	features := p.Sub("features")
	stem := features.Sub("0")
	net := torch.Sequence{
		torch.NewConv2D(stem.Sub("0"), channels, n.width, 4, torch.Conv2DOptions{Stride: 4, Bias: true}),
		channelsBehind, torch.NewLayerNorm(stem.Sub("2"), n.width, swinEpsilon),
	}
	width, done, all := n.width, 0, 0
	for _, blocks := range n.blocks {
		all += blocks
	}
	for i, blocks := range n.blocks {
		for j := range blocks {
			at := features.Sub(strconv.Itoa(2*i + 1)).Sub(strconv.Itoa(j))
			net = append(net, n.block(at, width, n.attention(at.Sub("attn"), i, j%2 == 1), n.depth*float64(done)/float64(all-1))...)
			done++
		}
		if i+1 < len(n.blocks) {
			net = append(net, n.merging(features.Sub(strconv.Itoa(2*i+2)), width)...)
			width *= 2
		}
	}
	return append(net, torch.NewLayerNorm(p.Sub("norm"), width, swinEpsilon), channelsBefore, torch.GlobalAverage), width
}

func (n swin) groups() []string { return append(stagedGroups(n.blocks), "norm") }

// attention is that of a stage, whose windows every second block shifts.
func (n swin) attention(p torch.Path, stage int, shifted bool) torch.Module {
	width, heads := n.width<<stage, n.heads<<stage
	if n.v2 == nil {
		shift := int64(0)
		if shifted {
			shift = swinWindow / 2
		}
		return torch.NewWindowAttention(p, width, heads, swinWindow, shift)
	}
	windows := n.v2(stage)
	if shifted {
		windows.Shift = windows.Side / 2
	}
	return torch.NewCosineWindowAttention(p, width, heads, windows)
}

// block is attention and a net of each place, each beside a skip. The second version has the norms
// behind these, and not before.
func (n swin) block(p torch.Path, width int64, attention torch.Module, depth float64) []torch.Module {
	look := torch.Sequence{torch.NewLayerNorm(p.Sub("norm1"), width, swinEpsilon), attention}
	think := append(torch.Sequence{torch.NewLayerNorm(p.Sub("norm2"), width, swinEpsilon)}, mlp(p.Sub("mlp"), width, torch.Normal(0.02), torch.Constant(0))...)
	if n.v2 != nil {
		look, think = append(look[1:], look[0]), append(think[1:], think[0])
	}
	return []torch.Module{
		skip{branch: look, depth: torch.StochasticDepth{Name: p.Name() + ".attn", P: depth}},
		skip{branch: think, depth: torch.StochasticDepth{Name: p.Name() + ".mlp", P: depth}},
	}
}

// merging halves height and width of maps_BHWC and doubles the channels. The norm is behind that in the
// second version, and before it in the first.
func (n swin) merging(p torch.Path, width int64) torch.Sequence {
	reduction := torch.NewLinearOf(p.Sub("reduction"), 4*width, 2*width, torch.Normal(0.02), nil)
	if n.v2 != nil {
		return torch.Sequence{fours{}, reduction, torch.NewLayerNorm(p.Sub("norm"), 2*width, swinEpsilon)}
	}
	return torch.Sequence{fours{}, torch.NewLayerNorm(p.Sub("norm"), 4*width, swinEpsilon), reduction}
}

// fours puts the channels of each 2 × 2 places behind one another, column by column. Odd maps
// get zeros to the right and below.
type fours struct{}

// Fixed is true: it has no weights.
func (fours) Fixed() bool { return true }

// Extent halves height and width.
func (fours) Extent(e torch.Extent) torch.Extent {
	e.Channels, e.Stride = 4*e.Channels, 2*e.Stride
	return e
}

// Forward makes maps_BhwD of maps_BHWC, with D = 4C.
func (fours) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return torch.Tensor{}
	}
	h, w, c := (shape[1]+1)/2, (shape[2]+1)/2, shape[3]
	even := p.PadBehind(p.Passing(x), 2*h-shape[1], 2*w-shape[2])
	split := p.Reshape(even, -1, h, 2, w, 2, c)
	ordered := p.Permute(split, 0, 1, 3, 4, 2, 5)
	made := p.Reshape(ordered, -1, h, w, 4*c)
	p.Discard(split, ordered)
	if even != x {
		p.Discard(even)
	}
	return made
}
