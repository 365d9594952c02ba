package torch

import "github.com/sugarme/gotch/libtch"

// Conv3D is torch.nn.Conv3d without bias.
type Conv3D struct {
	Weight *Parameter // (out, in, depth, height, width)
	Conv3DOptions
}

// Conv3DOptions are what a convolution may differ in, along depth, height and width.
type Conv3DOptions struct{ Kernel, Stride, Padding [3]int64 }

// NewConv3D makes a convolution under the path; nil as init means PyTorch's default.
func NewConv3D(p Path, in, out int64, o Conv3DOptions, init Init) *Conv3D {
	k := o.Kernel
	if init == nil {
		init = FanIn(in * k[0] * k[1] * k[2])
	}
	return &Conv3D{p.Parameter("weight", init, out, in, k[0], k[1], k[2]), o}
}

// Forward makes maps_BCDHW of maps_BCDHW.
func (c *Conv3D) Forward(p *Pass, x Tensor) Tensor {
	return p.add(c.Weight, p.conv3D(x, c.Weight.Tensor, c.Conv3DOptions))
}

// Fixed says whether nothing of it is trained.
func (c *Conv3D) Fixed() bool { return frozen(c.Weight) }

func (s *Scope) conv3D(x, weight Tensor, o Conv3DOptions) Tensor {
	return s.call("conv3d", func(out *libtch.Ctensor) {
		libtch.AtgConv3d(out, x.at.raw, weight.at.raw, none, o.Stride[:], 3, o.Padding[:], 3, []int64{1, 1, 1}, 3, 1)
	}, x, weight)
}

// DepthAverage makes maps_BCHW of maps_BCDHW: what behind it is a mean over places is one over
// all of a volume's.
var DepthAverage = Func(func(p *Pass, x Tensor) Tensor { return p.MeanOver(p.Watched(x), 2) })
