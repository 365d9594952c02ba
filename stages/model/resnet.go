package model

import (
	"strconv"

	"vertebra/stages/internal/torch"
)

// resnet is torchvision.models.resnet (He et al. 2015; in bottlenecks the stride
// sits in the 3×3 convolution, "v1.5"). Names are torchvision's, so that its
// weights fit.
type resnet struct {
	blocks    [4]int
	expansion int64
	block     func(p torch.Path, in, width, stride int64) torch.Module
}

// resnetChildren are the modules of torchvision's ResNet, which a Sequential of them numbers.
var resnetChildren = []string{"conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"}

var stages = [4]struct{ width, stride int64 }{{64, 1}, {128, 2}, {256, 2}, {512, 2}}

func (r resnet) build(p torch.Path, channels int64) (torch.Module, int64) {
	net := torch.Sequence{
		conv(p.Sub("conv1"), channels, 64, 7, 2, 3), torch.NewBatchNorm(p.Sub("bn1"), 64),
		torch.ReLU, torch.MaxPool2D(3, 2, 1),
	}
	blocks, features := residualBlocks(p, r.blocks, r.expansion, func(p torch.Path, _ int, in, width, stride int64) torch.Module {
		return r.block(p, in, width, stride)
	})
	return append(append(net, blocks...), torch.GlobalAverage), features
}

// residualBlocks are those of the four layers of a residual net, under torchvision's names, and
// how many features they end with. The first block of a layer, which counts from 0, takes its stride.
func residualBlocks(p torch.Path, blocks [4]int, expansion int64, block func(p torch.Path, layer int, in, width, stride int64) torch.Module) (net torch.Sequence, features int64) {
	in := int64(64)
	for i, st := range stages {
		layer := p.Sub("layer" + strconv.Itoa(i+1))
		for j := range blocks[i] {
			stride := int64(1)
			if j == 0 {
				stride = st.stride
			}
			net = append(net, block(layer.Sub(strconv.Itoa(j)), i, in, st.width, stride))
			in = st.width * expansion
		}
	}
	return net, in
}

func (r resnet) groups() []string {
	groups := []string{"conv1", "bn1"}
	for i, n := range r.blocks {
		layer := "layer" + strconv.Itoa(i+1)
		groups = append(groups, layer)
		for j := range n {
			groups = append(groups, layer+"."+strconv.Itoa(j))
		}
	}
	return groups
}

// conv is a convolution without bias, drawn as torchvision's ResNet draws it.
func conv(p torch.Path, in, out, kernel, stride, padding int64) *torch.Conv2D {
	return torch.NewConv2D(p, in, out, kernel, torch.Conv2DOptions{
		Stride: stride, Padding: padding, Init: torch.FanOutNormal(out * kernel * kernel),
	})
}

// residual is branch(x) + shortcut(x), then ReLU.
type residual struct {
	branch   torch.Sequence
	shortcut torch.Sequence // empty: x itself
}

func (r residual) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	branch, shortcut := r.branch.Forward(p, x), r.shortcut.Forward(p, x)
	sum := p.Passing(p.Add(branch, shortcut))
	out := p.ReLU(sum)
	p.Drop(branch)
	p.Drop(sum)
	if shortcut != x {
		p.Drop(shortcut)
	}
	return out
}

// Extent is that of the branch, which the shortcut has too.
func (r residual) Extent(e torch.Extent) torch.Extent { return r.branch.Extent(e) }

// Fixed says whether branch and shortcut are.
func (r residual) Fixed() bool { return r.branch.Fixed() && r.shortcut.Fixed() }

// basicBlock is two 3×3 convolutions.
func basicBlock(p torch.Path, in, width, stride int64) torch.Module {
	return residual{
		branch: torch.Sequence{
			conv(p.Sub("conv1"), in, width, 3, stride, 1), torch.NewBatchNorm(p.Sub("bn1"), width), torch.ReLU,
			conv(p.Sub("conv2"), width, width, 3, 1, 1), torch.NewBatchNorm(p.Sub("bn2"), width),
		},
		shortcut: downsample(p, in, width, stride),
	}
}

// bottlenecks make 1×1, 3×3 and 1×1 convolutions, four times as wide at the end as a layer's width.
// The 3×3 one has groups (Xie et al. 2017, "ResNeXt"), each of wide channels where the width is 64
// (Zagoruyko and Komodakis 2016, "Wide residual networks").
func bottlenecks(groups, wide int64) func(p torch.Path, in, width, stride int64) torch.Module {
	return func(p torch.Path, in, width, stride int64) torch.Module {
		middle, out := width*wide/64*groups, 4*width
		return residual{
			branch: torch.Sequence{
				conv(p.Sub("conv1"), in, middle, 1, 1, 0), torch.NewBatchNorm(p.Sub("bn1"), middle), torch.ReLU,
				groupedConv(p.Sub("conv2"), middle, stride, groups), torch.NewBatchNorm(p.Sub("bn2"), middle), torch.ReLU,
				conv(p.Sub("conv3"), middle, out, 1, 1, 0), torch.NewBatchNorm(p.Sub("bn3"), out),
			},
			shortcut: downsample(p, in, out, stride),
		}
	}
}

var bottleneck = bottlenecks(1, 64)

// groupedConv is a 3×3 convolution of as many channels, drawn like the others.
func groupedConv(p torch.Path, channels, stride, groups int64) *torch.Conv2D {
	return torch.NewConv2D(p, channels, channels, 3, torch.Conv2DOptions{
		Stride: stride, Padding: 1, Groups: groups, Init: torch.FanOutNormal(channels * 3 * 3),
	})
}

func downsample(p torch.Path, in, out, stride int64) torch.Sequence {
	if stride == 1 && in == out {
		return nil
	}
	p = p.Sub("downsample")
	return torch.Sequence{conv(p.Sub("0"), in, out, 1, stride, 0), torch.NewBatchNorm(p.Sub("1"), out)}
}
