package model

import (
	"fmt"

	"vertebra/stages/internal/torch"
)

// medicalNet is monai.networks.nets.ResNet of three dimensions, by whose names and shapes MONAI
// loads the weights of MedicalNet (Chen et al. 2019, "Med3D: transfer learning for 3D medical
// image analysis"): convolutions of 7×7×7 and 3×3×3, and layers that halve the depth like
// height and width. MedicalNet itself, made for segmentation, widened the convolutions of the
// last two layers (dilation) in place of halving there.
type medicalNet struct {
	blocks    [4]int
	expansion int64
	branch    func(p torch.Path, in, width, stride int64) torch.Sequence
	shortcut  func(p torch.Path, in, out, stride int64) torch.Sequence
}

func (n medicalNet) build(p torch.Path, channels int64, stride int) (torch.Module, int64) {
	net := torch.Sequence{
		cube(p.Sub("conv1"), channels, 64, 7, int64(stride)), torch.NewBatchNorm(p.Sub("bn1"), 64),
		torch.ReLU, torch.MaxPool3D(3, 2, 1),
	}
	blocks, features := residualBlocks(p, n.blocks, n.expansion, n.block)
	return append(append(net, blocks...), torch.DepthAverage, torch.GlobalAverage), features
}

func (n medicalNet) block(p torch.Path, _ int, in, width, stride int64) torch.Module {
	block := residual{branch: n.branch(p, in, width, stride)}
	if out := width * n.expansion; stride != 1 || in != out {
		block.shortcut = n.shortcut(p, in, out, stride)
	}
	return block
}

// groups names stem, layers and blocks, as those of other residual nets.
func (n medicalNet) groups() []string { return resnet{blocks: n.blocks}.groups() }

// cube is a convolution of kernel³ that keeps the size where its stride is 1.
func cube(p torch.Path, in, out, kernel, stride int64) torch.Module {
	return conv3D(p, in, out, [3]int64{kernel, kernel, kernel}, [3]int64{stride, stride, stride})
}

// basicVolume is two convolutions of 3×3×3.
func basicVolume(p torch.Path, in, width, stride int64) torch.Sequence {
	return torch.Sequence{
		cube(p.Sub("conv1"), in, width, 3, stride), torch.NewBatchNorm(p.Sub("bn1"), width), torch.ReLU,
		cube(p.Sub("conv2"), width, width, 3, 1), torch.NewBatchNorm(p.Sub("bn2"), width),
	}
}

// bottleneckVolume is a convolution of a place, one of 3×3×3, and one of a place, four times as
// wide at the end.
func bottleneckVolume(p torch.Path, in, width, stride int64) torch.Sequence {
	return torch.Sequence{
		cube(p.Sub("conv1"), in, width, 1, 1), torch.NewBatchNorm(p.Sub("bn1"), width), torch.ReLU,
		cube(p.Sub("conv2"), width, width, 3, stride), torch.NewBatchNorm(p.Sub("bn2"), width), torch.ReLU,
		cube(p.Sub("conv3"), width, 4*width, 1, 1), torch.NewBatchNorm(p.Sub("bn3"), 4*width),
	}
}

// projected is the shortcut that MONAI calls B: a convolution of a place, without bias.
func projected(p torch.Path, in, out, stride int64) torch.Sequence {
	p = p.Sub("downsample")
	return torch.Sequence{cube(p.Sub("0"), in, out, 1, stride), torch.NewBatchNorm(p.Sub("1"), out)}
}

// padded is the shortcut that MONAI calls A, without weights: every stride-th place, and zeros
// for the channels that are new. No gradient goes back through it in MONAI and in MedicalNet,
// and so none does here.
func padded(_ torch.Path, in, out, stride int64) torch.Sequence {
	return torch.Sequence{torch.Func(func(p *torch.Pass, x torch.Tensor) torch.Tensor {
		still := p.Passing(p.Detach(x))
		places := p.Passing(p.AveragePool3D(still, 1, stride))
		y := p.Passing(p.PadChannels(places, out-in))
		p.Drop(places)
		p.Drop(still)
		return y
	})}
}

// medicalNetOrigin says whose names the weights of so many layers have.
func medicalNetOrigin(layers int) string {
	return fmt.Sprintf("MedicalNet's names, such as resnet_%d_23dataset.pth (Hugging Face: TencentMedicalNet/MedicalNet-Resnet%[1]d), or a state_dict of monai.networks.nets.resnet%[1]d", layers)
}
