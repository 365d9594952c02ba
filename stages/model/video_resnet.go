package model

import (
	"strconv"

	"vertebra/stages/internal/torch"
)

// videoResNet is torchvision.models.video.VideoResNet of 18 layers (Tran et al. 2018, "A
// closer look at spatiotemporal convolutions for action recognition"), whose time is the depth
// of a volume here. Names are torchvision's, so that its weights fit.
type videoResNet struct {
	stem func(p torch.Path, channels int64) torch.Sequence
	// convs makes the convolutions of each layer. Between the two of R(2+1)D lie middle channels.
	convs [4]func(p torch.Path, in, middle, out, stride int64) torch.Sequence
	deep  [4]bool // the layer halves the depth too
}

// kineticsMean and kineticsStd are of the pixels that torchvision's weights of videos were trained for.
var kineticsMean, kineticsStd = []float64{0.43216, 0.394666, 0.37645}, []float64{0.22803, 0.22145, 0.216989}

func (r videoResNet) build(p torch.Path, channels int64) (torch.Module, int64) {
	net := r.stem(p.Sub("stem"), channels)
	blocks, features := residualBlocks(p, [4]int{2, 2, 2, 2}, 1, r.block)
	return append(append(net, blocks...), torch.DepthAverage, torch.GlobalAverage), features
}

func (r videoResNet) block(p torch.Path, layer int, in, width, stride int64) torch.Module {
	middle := in * width * 27 / (in*9 + 3*width) // as many weights as 3×3×3 has
	one, two := p.Sub("conv1"), p.Sub("conv2")
	branch := append(r.convs[layer](one.Sub("0"), in, middle, width, stride), torch.NewBatchNorm(one.Sub("1"), width), torch.ReLU)
	branch = append(branch, r.convs[layer](two.Sub("0"), width, middle, width, 1)...)
	block := residual{branch: append(branch, torch.NewBatchNorm(two.Sub("1"), width))}
	if stride != 1 || in != width {
		steps := [3]int64{1, stride, stride}
		if r.deep[layer] {
			steps[0] = stride
		}
		down := p.Sub("downsample")
		block.shortcut = torch.Sequence{conv3D(down.Sub("0"), in, width, [3]int64{1, 1, 1}, steps), torch.NewBatchNorm(down.Sub("1"), width)}
	}
	return block
}

// conv3D is a convolution that keeps the size where its stride is 1, drawn as torchvision's.
func conv3D(p torch.Path, in, out int64, kernel, stride [3]int64) torch.Module {
	o := torch.Conv3DOptions{Kernel: kernel, Stride: stride, Padding: [3]int64{kernel[0] / 2, kernel[1] / 2, kernel[2] / 2}}
	return torch.NewConv3D(p, in, out, o, torch.FanOutNormal(out*kernel[0]*kernel[1]*kernel[2]))
}

// deepConv is a convolution of 3×3×3, flatConv one of 1×3×3.
func deepConv(p torch.Path, in, _, out, stride int64) torch.Sequence {
	return torch.Sequence{conv3D(p, in, out, [3]int64{3, 3, 3}, [3]int64{stride, stride, stride})}
}

func flatConv(p torch.Path, in, _, out, stride int64) torch.Sequence {
	return torch.Sequence{conv3D(p, in, out, [3]int64{1, 3, 3}, [3]int64{1, stride, stride})}
}

// splitConv is one within the slices and one through them.
func splitConv(p torch.Path, in, middle, out, stride int64) torch.Sequence {
	return torch.Sequence{
		conv3D(p.Sub("0"), in, middle, [3]int64{1, 3, 3}, [3]int64{1, stride, stride}), torch.NewBatchNorm(p.Sub("1"), middle), torch.ReLU,
		conv3D(p.Sub("3"), middle, out, [3]int64{3, 1, 1}, [3]int64{stride, 1, 1}),
	}
}

func deepStem(p torch.Path, channels int64) torch.Sequence {
	return torch.Sequence{conv3D(p.Sub("0"), channels, 64, [3]int64{3, 7, 7}, [3]int64{1, 2, 2}), torch.NewBatchNorm(p.Sub("1"), 64), torch.ReLU}
}

func splitStem(p torch.Path, channels int64) torch.Sequence {
	return torch.Sequence{
		conv3D(p.Sub("0"), channels, 45, [3]int64{1, 7, 7}, [3]int64{1, 2, 2}), torch.NewBatchNorm(p.Sub("1"), 45), torch.ReLU,
		conv3D(p.Sub("3"), 45, 64, [3]int64{3, 1, 1}, [3]int64{1, 1, 1}), torch.NewBatchNorm(p.Sub("4"), 64), torch.ReLU,
	}
}

// groups names stem, layers and blocks.
func (videoResNet) groups() []string {
	groups := []string{"stem"}
	for i := range stages {
		layer := "layer" + strconv.Itoa(i+1)
		groups = append(groups, layer, layer+".0", layer+".1")
	}
	return groups
}
