package model

import (
	"math"
	"regexp"
	"strconv"

	"vertebra/stages/internal/torch"
)

// densenet is torchvision.models.densenet of 32 new channels a layer (Huang et al. 2017), with its names.
type densenet struct{ blocks [4]int }

// Each layer of a block adds growth channels to what it takes in, through a bottleneck
// of squeeze times as many.
const growth, squeeze, denseStem = 32, 4, 64

func (d densenet) build(p torch.Path, channels int64) (torch.Module, int64) {
	p = p.Sub("features")
	net := torch.Sequence{denseConv(p.Sub("conv0"), channels, denseStem, 7, 2, 3), torch.NewBatchNorm(p.Sub("norm0"), denseStem), torch.ReLU, torch.MaxPool2D(3, 2, 1)}
	in := int64(denseStem)
	for i, layers := range d.blocks {
		block := p.Sub(denseBlock(i))
		for j := range layers {
			net = append(net, newDenseLayer(block.Sub(denseName(j)), in))
			in += growth
		}
		if i+1 < len(d.blocks) {
			net = append(net, transition(p.Sub(transitionName(i)), in))
			in /= 2
		}
	}
	return append(net, torch.NewBatchNorm(p.Sub("norm5"), in), torch.ReLU, torch.GlobalAverage), in
}

func denseBlock(i int) string     { return "denseblock" + strconv.Itoa(i+1) }
func denseName(j int) string      { return "denselayer" + strconv.Itoa(j+1) }
func transitionName(i int) string { return "transition" + strconv.Itoa(i+1) }

func (d densenet) groups() []string {
	groups := []string{"features", "features.conv0", "features.norm0"}
	for i, layers := range d.blocks {
		block := "features." + denseBlock(i)
		groups = append(groups, block)
		for j := range layers {
			groups = append(groups, block+"."+denseName(j))
		}
		if i+1 < len(d.blocks) {
			groups = append(groups, "features."+transitionName(i))
		}
	}
	return append(groups, "features.norm5")
}

// The files that torchvision hands out are older than its names: norm.1 became norm1.
var denseNew = regexp.MustCompile(`^(.*denselayer\d+\.(?:norm|conv))([12]\..*)$`)

// OtherNames lead to the names of such files.
func (densenet) OtherNames() []func(string) string { return []func(string) string{denseOldName} }

func denseOldName(name string) string { return denseNew.ReplaceAllString(name, "$1.$2") }

// denseConv is a convolution without bias, drawn as torchvision's DenseNet draws it:
// kaiming_normal_ by what goes in.
func denseConv(p torch.Path, in, out, kernel, stride, padding int64) *torch.Conv2D {
	return torch.NewConv2D(p, in, out, kernel, torch.Conv2DOptions{
		Stride: stride, Padding: padding, Init: torch.Normal(math.Sqrt(2 / float64(in*kernel*kernel))),
	})
}

// denseLayer puts what its branch makes behind what it takes in.
type denseLayer struct{ branch torch.Sequence }

func newDenseLayer(p torch.Path, in int64) denseLayer {
	return denseLayer{torch.Sequence{
		torch.NewBatchNorm(p.Sub("norm1"), in), torch.ReLU, denseConv(p.Sub("conv1"), in, squeeze*growth, 1, 1, 0),
		torch.NewBatchNorm(p.Sub("norm2"), squeeze*growth), torch.ReLU, denseConv(p.Sub("conv2"), squeeze*growth, growth, 3, 1, 1),
	}}
}

// Forward makes maps_BDHW of maps_BCHW, with D = C + growth.
func (d denseLayer) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	y := p.Passing(d.branch.Forward(p, x))
	out := p.Stack(x, y)
	p.Drop(y)
	return out
}

// Extent has the new channels, too.
func (d denseLayer) Extent(e torch.Extent) torch.Extent {
	e.Channels += d.branch.Extent(e).Channels
	return e
}

// Fixed says whether the branch is.
func (d denseLayer) Fixed() bool { return d.branch.Fixed() }

// transition halves channels, height and width.
func transition(p torch.Path, in int64) torch.Sequence {
	return torch.Sequence{
		torch.NewBatchNorm(p.Sub("norm"), in), torch.ReLU, denseConv(p.Sub("conv"), in, in/2, 1, 1, 0), torch.AveragePool2D(2),
	}
}
