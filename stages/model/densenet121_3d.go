package model

import (
	"math"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("densenet121_3d", "densely connected net of 121 layers (Huang et al. 2017) for volumes, as in MONAI; the slices of stack are its depth", DenseNet1213D{})
}

// DenseNet1213D is monai.networks.nets.DenseNet121 with spatial_dims=3, without its last layer.
type DenseNet1213D struct {
	Weights registry.Path `help:"what to begin from: a safetensors or .pth file with MONAI's names, such as a state_dict of its DenseNet121(spatial_dims=3); empty draws the weights"`
}

// Build makes the net under the path.
func (DenseNet1213D) Build(p torch.Path, channels int64) (torch.Module, int64) {
	p = p.Sub("features")
	net := torch.Sequence{denseCube(p.Sub("conv0"), channels, denseStem, 7, 2), torch.NewBatchNorm(p.Sub("norm0"), denseStem), torch.ReLU, torch.MaxPool3D(3, 2, 1)}
	in := int64(denseStem)
	for i, layers := range denseNet121.blocks {
		block := p.Sub(denseBlock(i))
		for j := range layers {
			net = append(net, denseVolume(block.Sub(denseName(j)).Sub("layers"), in))
			in += growth
		}
		if i+1 < len(denseNet121.blocks) {
			net = append(net, transitionOfVolumes(p.Sub(transitionName(i)), in))
			in /= 2
		}
	}
	return append(net, torch.NewBatchNorm(p.Sub("norm5"), in), torch.ReLU, torch.DepthAverage, torch.GlobalAverage), in
}

// Groups names stem, blocks, layers and transitions, which are those of images.
func (DenseNet1213D) Groups() []string { return denseNet121.groups() }

// Volumes says that it sees the slices of an image as a volume.
func (DenseNet1213D) Volumes() {}

// Grey says that a volume enters with one channel.
func (DenseNet1213D) Grey() {}

// Least is what five halvings leave something of: the stem's two round up, the others down.
func (DenseNet1213D) Least() int { return 29 }

// File is where the weights come from.
func (d DenseNet1213D) File() registry.Path { return d.Weights }

// Origin says whose names its weights have.
func (DenseNet1213D) Origin() string {
	return "MONAI's names, such as a state_dict of monai.networks.nets.DenseNet121(spatial_dims=3, …)"
}

// denseCube is a convolution of kernel³ without bias, drawn as MONAI's DenseNet draws it:
// kaiming_normal_ by what goes in.
func denseCube(p torch.Path, in, out, kernel, stride int64) torch.Module {
	all := func(n int64) [3]int64 { return [3]int64{n, n, n} }
	o := torch.Conv3DOptions{Kernel: all(kernel), Stride: all(stride), Padding: all(kernel / 2)}
	return torch.NewConv3D(p, in, out, o, torch.Normal(math.Sqrt(2/float64(in*kernel*kernel*kernel))))
}

func denseVolume(p torch.Path, in int64) denseLayer {
	return denseLayer{torch.Sequence{
		torch.NewBatchNorm(p.Sub("norm1"), in), torch.ReLU, denseCube(p.Sub("conv1"), in, squeeze*growth, 1, 1),
		torch.NewBatchNorm(p.Sub("norm2"), squeeze*growth), torch.ReLU, denseCube(p.Sub("conv2"), squeeze*growth, growth, 3, 1),
	}}
}

// transitionOfVolumes halves channels, depth, height and width.
func transitionOfVolumes(p torch.Path, in int64) torch.Sequence {
	return torch.Sequence{
		torch.NewBatchNorm(p.Sub("norm"), in), torch.ReLU, denseCube(p.Sub("conv"), in, in/2, 1, 1),
		torch.Func(func(p *torch.Pass, x torch.Tensor) torch.Tensor { return p.AveragePool3D(x, 2, 2) }),
	}
}
