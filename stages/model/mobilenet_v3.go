package model

import (
	"strconv"

	"vertebra/stages/internal/torch"
)

// mobileNetV3 is torchvision.models.MobileNetV3 (Howard et al. 2019, "Searching for MobileNetV3"),
// with its names.
type mobileNetV3 struct {
	blocks []mobile
	last   int64 // features of the layer behind the pooling
}

// mobile is an inverted residual block that takes in what the one before gives.
type mobile struct {
	kernel, stride int64
	wide, out      int64 // channels in between, and those it gives
	excited        bool  // squeeze-and-excitation
	hard           bool  // hard-swish; else ReLU
}

// The stem's channels, and how many times those of the last block the last convolution makes.
const mobileStem, mobileLast = 16, 6

var mobileNorm = normShape{eps: 1e-3, momentum: 0.01}

func (n mobileNetV3) build(p torch.Path, channels int64) (torch.Module, int64) {
	features := p.Sub("features")
	net := convNorm(features.Sub("0"), channels, mobileStem, convShape{kernel: 3, stride: 2}, mobileNorm, torch.HardSwish)
	in := int64(mobileStem)
	for i, b := range n.blocks {
		net = append(net, b.build(features.Sub(strconv.Itoa(i+1)).Sub("block"), in))
		in = b.out
	}
	wide := mobileLast * in
	net = append(net, convNorm(features.Sub(strconv.Itoa(len(n.blocks)+1)), in, wide, convShape{kernel: 1, stride: 1}, mobileNorm, torch.HardSwish)...)
	last := torch.NewLinearOf(p.Sub("classifier").Sub("0"), wide, n.last, torch.Normal(0.01), torch.Constant(0))
	return append(net, torch.GlobalAverage, last, torch.HardSwish), n.last
}

// groups names what a block consists of too, by which it is known as one that is repeated.
func (n mobileNetV3) groups() []string {
	groups := []string{"features", "features.0"}
	for i := range n.blocks {
		block := "features." + strconv.Itoa(i+1)
		groups = append(groups, block, block+".block")
	}
	return append(groups, "features."+strconv.Itoa(len(n.blocks)+1), "classifier.0")
}

// build makes the block, and a skip of it where shapes allow that.
func (b mobile) build(p torch.Path, in int64) torch.Module {
	activation, step := torch.ReLU, 0
	if b.hard {
		activation = torch.HardSwish
	}
	next := func() torch.Path { step++; return p.Sub(strconv.Itoa(step - 1)) }
	point := convShape{kernel: 1, stride: 1}
	var branch torch.Sequence
	if b.wide != in {
		branch = convNorm(next(), in, b.wide, point, mobileNorm, activation)
	}
	branch = append(branch, convNorm(next(), b.wide, b.wide, convShape{b.kernel, b.stride, b.wide}, mobileNorm, activation)...)
	if b.excited {
		branch = append(branch, newExcitation(next(), b.wide, divisible(float64(b.wide/4)), (*torch.Pass).ReLU, (*torch.Pass).HardSigmoid))
	}
	branch = append(branch, convNorm(next(), b.wide, b.out, point, mobileNorm, nil)...)
	if b.stride != 1 || in != b.out {
		return branch
	}
	return skip{branch: branch}
}
