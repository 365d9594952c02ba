package torch

import "github.com/sugarme/gotch/libtch"

// AveragePool2D is a module: the mean of each window of kernel² places, which do not
// overlap.
func AveragePool2D(kernel int64) Module { return averagePool2D{kernel, kernel, 0} }

// AveragePoolOver2D is the mean of windows that do, of maps with zeros around them that count.
func AveragePoolOver2D(kernel, stride, padding int64) Module {
	return averagePool2D{kernel, stride, padding}
}

type averagePool2D struct{ kernel, stride, padding int64 }

// Fixed is true: it has no weights.
func (averagePool2D) Fixed() bool { return true }

func (m averagePool2D) Extent(e Extent) Extent {
	e.Stride *= m.stride
	return e
}

func (m averagePool2D) Forward(p *Pass, x Tensor) Tensor {
	return p.call("avg_pool2d", func(out *libtch.Ctensor) {
		libtch.AtgAvgPool2d(out, x.at.raw, both(m.kernel), 2, both(m.stride), 2, both(m.padding), 2, 0, 1, 0, 1)
	}, x)
}

// Stack puts the channels of y_BD… behind those of x_BC….
func (s *Scope) Stack(x, y Tensor) Tensor { return s.StackOver(x, y, 1) }

// StackOver puts y behind x along one dimension.
func (s *Scope) StackOver(x, y Tensor, dim int64) Tensor {
	return s.call("cat", func(out *libtch.Ctensor) {
		libtch.AtgCat(out, []libtch.Ctensor{x.at.raw, y.at.raw}, 2, dim)
	}, x, y)
}

// ResizeNearest makes maps_BChw of maps_BCHW, of another size: each place is the one of x that it
// lies on (torch.nn.functional.interpolate, mode nearest).
func (s *Scope) ResizeNearest(x Tensor, height, width int64) Tensor {
	return s.call("upsample_nearest2d", func(out *libtch.Ctensor) {
		libtch.AtgUpsampleNearest2d(out, x.at.raw, []int64{height, width}, 2, 0, 1, 0, 1)
	}, x)
}

// ChannelsBehind makes x_BHWC of x_BCHW without copying, and ChannelsBefore undoes it.
func (s *Scope) ChannelsBehind(x Tensor) Tensor { return s.Permute(x, 0, 2, 3, 1) }

// ChannelsBefore makes x_BCHW of x_BHWC without copying.
func (s *Scope) ChannelsBefore(x Tensor) Tensor { return s.Permute(x, 0, 3, 1, 2) }

// Permute gives the dimensions of x another order, without copying.
func (s *Scope) Permute(x Tensor, order ...int64) Tensor {
	return s.call("permute", func(out *libtch.Ctensor) { libtch.AtgPermute(out, x.at.raw, order, len(order)) }, x)
}
