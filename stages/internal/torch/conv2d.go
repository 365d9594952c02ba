package torch

// Conv2D is torch.nn.Conv2d with square kernels.
type Conv2D struct {
	Weight *Parameter // (out, in/groups, kernel, kernel)
	Bias   *Parameter // (out), or nil
	Conv2DOptions
}

// Conv2DOptions are what a convolution may differ in.
type Conv2DOptions struct {
	Stride, Padding int64
	Groups          int64 // 0 means 1; as many as channels make it depthwise
	Bias            bool
	Init            Init // of the weight; nil means PyTorch's default
	BiasInit        Init // nil means PyTorch's default
}

// NewConv2D makes a convolution under the path.
func NewConv2D(p Path, in, out, kernel int64, o Conv2DOptions) *Conv2D {
	o.Groups = max(1, o.Groups)
	fanIn := in / o.Groups * kernel * kernel
	if o.Init == nil {
		o.Init = FanIn(fanIn)
	}
	if o.Stride == 0 {
		o.Stride = 1
	}
	c := &Conv2D{Conv2DOptions: o, Weight: p.Parameter("weight", o.Init, out, in/o.Groups, kernel, kernel)}
	if o.BiasInit == nil {
		o.BiasInit = FanIn(fanIn)
	}
	if o.Bias {
		c.Bias = p.Parameter("bias", o.BiasInit, out)
	}
	return c
}

// Forward makes maps_BCHW of maps_BCHW.
func (c *Conv2D) Forward(p *Pass, x Tensor) Tensor {
	return p.add(c.Weight, p.conv2D(x, c.Weight.Tensor, optional(c.Bias), c.Conv2DOptions))
}

func optional(p *Parameter) Tensor {
	if p == nil {
		return Tensor{}
	}
	return p.Tensor
}

// Extent has the channels that it gives, and its stride.
func (c *Conv2D) Extent(e Extent) Extent {
	e.Channels, e.Stride = c.Weight.Shape[0], e.Stride*c.Stride
	return e
}

// Fixed says whether nothing of it is trained.
func (c *Conv2D) Fixed() bool { return frozen(c.Weight, c.Bias) }
