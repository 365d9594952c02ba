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
	depth        float64 // of stochastic depth at the last block; it rises from 0 at the first
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
	width, heads, done, all := n.width, n.heads, 0, 0
	for _, blocks := range n.blocks {
		all += blocks
	}
	for i, blocks := range n.blocks {
		for j := range blocks {
			at := features.Sub(strconv.Itoa(2*i + 1)).Sub(strconv.Itoa(j))
			look := torch.NewWindowAttention(at.Sub("attn"), width, heads, swinWindow, int64(j%2*(swinWindow/2)))
			net = append(net, swinBlock(at, width, look, n.depth*float64(done)/float64(all-1))...)
			done++
		}
		if i+1 < len(n.blocks) {
			net = append(net, merging(features.Sub(strconv.Itoa(2*i+2)), width)...)
			width, heads = 2*width, 2*heads
		}
	}
	return append(net, torch.NewLayerNorm(p.Sub("norm"), width, swinEpsilon), channelsBefore, torch.GlobalAverage), width
}

func (n swin) groups() []string { return append(stagedGroups(n.blocks), "norm") }

// swinBlock is attention and a net of each place, each beside a skip.
func swinBlock(p torch.Path, width int64, attention torch.Module, depth float64) []torch.Module {
	look := torch.Sequence{torch.NewLayerNorm(p.Sub("norm1"), width, swinEpsilon), attention}
	think := append(torch.Sequence{torch.NewLayerNorm(p.Sub("norm2"), width, swinEpsilon)}, mlp(p.Sub("mlp"), width, torch.Normal(0.02), torch.Constant(0))...)
	return []torch.Module{
		skip{look, torch.StochasticDepth{Name: p.Name() + ".attn", P: depth}},
		skip{think, torch.StochasticDepth{Name: p.Name() + ".mlp", P: depth}},
	}
}

// merging halves height and width of maps_BHWC and doubles the channels.
func merging(p torch.Path, width int64) torch.Sequence {
	return torch.Sequence{
		fours{}, torch.NewLayerNorm(p.Sub("norm"), 4*width, swinEpsilon),
		torch.NewLinearOf(p.Sub("reduction"), 4*width, 2*width, torch.Normal(0.02), nil),
	}
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
