package model

import (
	"strconv"

	"vertebra/stages/internal/torch"
)

// convnext is torchvision.models.convnext (Liu et al. 2022), with its names, or the second version of it
// (Woo et al. 2023, "ConvNeXt V2"), which has GRN in the place of LayerScale, named as torchvision would.
type convnext struct {
	v2     bool
	width  int64 // of the first stage; each has twice that of the one before
	blocks [4]int
	depth  float64 // of stochastic depth at the last block; it rises from 0 at the first
}

// layerScale is what a branch is multiplied by at first, so that the net begins as
// little more than its skips; epsilon is that of layer-norm.
const layerScale, epsilon = 1e-6, 1e-6

func (c convnext) build(p torch.Path, channels int64) (torch.Module, int64) {
	features := p.Sub("features")
	net := torch.Sequence{convnextConv(features.Sub("0").Sub("0"), channels, c.width, torch.Conv2DOptions{Stride: 4}, 4)}
	net = append(net, norm2D(features.Sub("0").Sub("1"), c.width)...)
	width, done, all := c.width, 0, 0
	for _, n := range c.blocks {
		all += n
	}
	for i, n := range c.blocks {
		stage := features.Sub(strconv.Itoa(2*i + 1))
		for j := range n {
			net = append(net, c.block(stage.Sub(strconv.Itoa(j)), width, c.depth*float64(done)/float64(all-1)))
			done++
		}
		if i+1 < len(c.blocks) {
			down := features.Sub(strconv.Itoa(2*i + 2))
			net = append(net, norm2D(down.Sub("0"), width)...)
			net = append(net, convnextConv(down.Sub("1"), width, 2*width, torch.Conv2DOptions{Stride: 2}, 2))
			width *= 2
		}
	}
	return append(net, torch.GlobalAverage, torch.NewLayerNorm(p.Sub("classifier").Sub("0"), width, epsilon)), width
}

func (c convnext) groups() []string { return append(stagedGroups(c.blocks), "classifier.0") }

// convnextConv is a convolution with bias, drawn from N(0, 0.02²).
func convnextConv(p torch.Path, in, out int64, o torch.Conv2DOptions, kernel int64) *torch.Conv2D {
	o.Bias, o.Init, o.BiasInit = true, torch.Normal(0.02), torch.Constant(0)
	return torch.NewConv2D(p, in, out, kernel, o)
}

// norm2D is layer-norm over the channels of maps_BCHW.
func norm2D(p torch.Path, channels int64) torch.Sequence {
	return torch.Sequence{channelsBehind, torch.NewLayerNorm(p, channels, epsilon), channelsBefore}
}

const (
	channelsBehind = channelOrder("BHWC")
	channelsBefore = channelOrder("BCHW")
)

// channelOrder is what a view of maps becomes. Of what it takes in, nothing else is needed.
type channelOrder string

func (o channelOrder) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	if o == channelsBehind {
		return p.ChannelsBehind(p.Passing(x))
	}
	return p.ChannelsBefore(p.Passing(x))
}

// Extent says where the channels lie then.
func (o channelOrder) Extent(e torch.Extent) torch.Extent {
	e.Behind = o == channelsBehind
	return e
}

// Fixed is true: it has no weights.
func (channelOrder) Fixed() bool { return true }

// behind says whether some layers of a net take maps_BHWC.
func behind(layers torch.Sequence) bool {
	for _, layer := range layers {
		switch layer := layer.(type) {
		case channelOrder:
			return layer == channelsBefore
		case pyramid:
			return layer.levels[0].Behind
		}
	}
	return false
}

func (c convnext) block(p torch.Path, width int64, depth float64) torch.Module {
	branch := p.Sub("block")
	linear := func(name string, in, out int64) *torch.Linear {
		return torch.NewLinearOf(branch.Sub(name), in, out, torch.Normal(0.02), torch.Constant(0))
	}
	layers := torch.Sequence{
		convnextConv(branch.Sub("0"), width, width, torch.Conv2DOptions{Padding: 3, Groups: width}, 7),
		channelsBehind, torch.NewLayerNorm(branch.Sub("2"), width, epsilon), linear("3", width, 4*width), torch.GELU,
	}
	if c.v2 {
		layers = append(layers, newGRN(branch.Sub("5"), 4*width), linear("6", 4*width, width), channelsBefore)
	} else {
		layers = append(layers, linear("5", 4*width, width), channelsBefore, scaled{p.Parameter("layer_scale", torch.Constant(layerScale), width, 1, 1)})
	}
	return skip{branch: layers, depth: torch.StochasticDepth{Name: p.Name(), P: depth}}
}

// scaled multiplies each channel by a number: LayerScale (Touvron et al. 2021, "Going deeper with
// image transformers").
type scaled struct{ factor *torch.Parameter } // (C, 1, 1) for maps_BCHW, (F) for tokens_BSF

func (s scaled) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	return p.Scales(s.factor, p.Mul(x, s.factor.Tensor))
}

// Fixed says whether the factors are not trained.
func (s scaled) Fixed() bool { return !s.factor.Trainable }
