package model

import "vertebra/stages/internal/torch"

// excitation scales each channel by what the means of all channels say (Hu et al. 2018,
// "squeeze-and-excitation"), as torchvision.ops.SqueezeExcitation does, with its names.
type excitation struct {
	fc1, fc2     *torch.Conv2D
	narrow, gate function
}

// function is one of each number, such as (*torch.Pass).Sigmoid.
type function func(p *torch.Pass, x torch.Tensor) torch.Tensor

// newExcitation goes through narrow channels and a function of them to factors that gate makes.
func newExcitation(p torch.Path, channels, narrow int64, inner, gate function) excitation {
	linear := func(name string, in, out int64) *torch.Conv2D {
		return torch.NewConv2D(p.Sub(name), in, out, 1, torch.Conv2DOptions{Bias: true, Init: torch.FanOutNormal(out), BiasInit: torch.Constant(0)})
	}
	return excitation{linear("fc1", channels, narrow), linear("fc2", narrow, channels), inner, gate}
}

// Forward makes maps_BCHW of maps_BCHW.
func (e excitation) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	narrow := e.narrow(p, e.fc1.Forward(p, p.AverageGlobally(x)))
	return p.Mul(p.Needed(x), e.gate(p, e.fc2.Forward(p, narrow)))
}

// Fixed says whether nothing of it is trained.
func (e excitation) Fixed() bool { return e.fc1.Fixed() && e.fc2.Fixed() }
