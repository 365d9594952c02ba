package model

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"vertebra/stages/internal/torch"
)

// efficientnet is torchvision.models.efficientnet (Tan and Le 2019; version 2: 2021),
// with its names.
type efficientnet struct {
	stem   int64
	stages []inverted
	last   int64   // channels of the last convolution
	eps    float64 // of batch-norm
	share  float64 // of a new batch in its running statistics; 0 is PyTorch's tenth
	depth  float64 // of stochastic depth at the last block; it rises from 0 at the first
	same   bool    // TensorFlow's padding

	release Release
}

// inverted is a stage of inverted residual blocks: out channels, of which a block makes
// expand times as many in between.
type inverted struct {
	fused          bool // expansion and 3×3 convolution in one
	expand, kernel int64
	stride         int64 // of the first block
	out            int64
	blocks         int
}

func (e efficientnet) build(p torch.Path, channels int64) (torch.Module, int64) {
	p = p.Sub("features")
	net := e.conv(p.Sub("0"), channels, e.stem, convShape{kernel: 3, stride: 2}, true)
	in, done, all := e.stem, 0, 0
	for _, st := range e.stages {
		all += st.blocks
	}
	for i, st := range e.stages {
		for j := range st.blocks {
			path := p.Sub(strconv.Itoa(i + 1)).Sub(strconv.Itoa(j))
			net = append(net, e.block(path, in, st, e.depth*float64(done)/float64(all)))
			in, st.stride, done = st.out, 1, done+1
		}
	}
	net = append(net, e.conv(p.Sub(strconv.Itoa(len(e.stages)+1)), in, e.last, convShape{kernel: 1, stride: 1}, true)...)
	return append(net, torch.GlobalAverage), e.last
}

// scaled is the net with so many times the channels and blocks, as those of Tan and Le (2019) are
// made of B0: channels are rounded to multiples of 8, blocks up.
func (e efficientnet) scaled(width, depth float64) efficientnet {
	e.stem = divisible(float64(e.stem) * width)
	e.stages = slices.Clone(e.stages)
	for i := range e.stages {
		st := &e.stages[i]
		st.out, st.blocks = divisible(float64(st.out)*width), int(math.Ceil(float64(st.blocks)*depth))
		e.last = 4 * st.out
	}
	return e
}

// divisible is the nearest multiple of 8 that is no more than a tenth below, and 8 at least, as
// torchvision's _make_divisible has it.
func divisible(channels float64) int64 {
	near := max(8, int64(channels+4)/8*8)
	if float64(near) < 0.9*channels {
		near += 8
	}
	return near
}

func (e efficientnet) groups() []string {
	groups := []string{"features", "features.0"}
	for i, st := range e.stages {
		stage := "features." + strconv.Itoa(i+1)
		groups = append(groups, stage)
		for j := range st.blocks {
			groups = append(groups, stage+"."+strconv.Itoa(j))
		}
	}
	return append(groups, "features."+strconv.Itoa(len(e.stages)+1))
}

// block makes one, and a skip of it where shapes allow that.
func (e efficientnet) block(p torch.Path, in int64, st inverted, depth float64) torch.Module {
	branch := e.branch(p.Sub("block"), in, st)
	if st.stride != 1 || in != st.out {
		return branch
	}
	return skip{branch: branch, depth: torch.StochasticDepth{Name: p.Name(), P: depth}}
}

func (e efficientnet) branch(p torch.Path, in int64, st inverted) (b torch.Sequence) {
	step := 0
	next := func() torch.Path { step++; return p.Sub(strconv.Itoa(step - 1)) }
	wide := in * st.expand
	switch spatial := (convShape{kernel: st.kernel, stride: st.stride}); {
	case st.fused && st.expand == 1:
		return e.conv(next(), in, st.out, spatial, true)
	case st.fused:
		b = e.conv(next(), in, wide, spatial, true)
	default:
		if st.expand != 1 {
			b = e.conv(next(), in, wide, convShape{kernel: 1, stride: 1}, true)
		}
		spatial.groups = wide
		b = append(b, e.conv(next(), wide, wide, spatial, true)...)
		b = append(b, newExcitation(next(), wide, max(1, in/4), (*torch.Pass).SiLU, (*torch.Pass).Sigmoid))
	}
	return append(b, e.conv(next(), wide, st.out, convShape{kernel: 1, stride: 1}, false)...)
}

// conv is a convolution and its batch-norm, with SiLU or without. Without a stride TensorFlow pads as
// others do.
func (e efficientnet) conv(p torch.Path, in, out int64, c convShape, activate bool) torch.Sequence {
	var activation torch.Module
	if activate {
		activation = torch.SiLU
	}
	net := convNorm(p, in, out, c, normShape{eps: e.eps, momentum: cmp.Or(e.share, 0.1)}, activation)
	if e.same && c.stride > 1 {
		net[0].(*torch.Conv2D).Padding = 0
		net = append(torch.Sequence{padSame{c.kernel, c.stride, c.groups > 0}}, net...)
	}
	return net
}
