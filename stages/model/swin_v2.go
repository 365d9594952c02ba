package model

import (
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// SwinV2 is a net of Liu et al. 2022 ("Swin Transformer V2: Scaling up capacity and resolution") as
// torchvision has it, without its last layer. N says which.
type SwinV2[N swinV2Net] struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, timm's, the authors' or Hugging Face's; empty draws the weights" words:"imagenet"`
	Window          int           `help:"places of a side of a window, each of 4 pixels in the first stage: 8 in torchvision's weights, 16 where a name of timm or Hugging Face says window16" min:"2" max:"64"`
	TrainedWindow   int           `help:"window of the training of weights that see another one here: 12 where a name says window12to16; distances are told by it. 0: the same window" min:"0" max:"64"`
	TrainedPixels   int           `help:"side of the images of that training, where trained_window says one: 192 where a name says 192to256" unit:"px" min:"32" max:"4096"`
	SmallMaps       string        `help:"what becomes of maps that are smaller than a window: zeros go around them (pad), as in torchvision, or they have a window of their size (shrink), as in timm and Hugging Face" oneof:"pad shrink"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

// swinV2Net is one of the family, with its weights of ImageNet.
type swinV2Net interface {
	swinV2() (swin, Release)
}

func (n SwinV2[N]) net() (swin, Release) {
	var which N
	net, release := which.swinV2()
	net.depth = n.StochasticDepth
	net.v2 = func(stage int) torch.CosineWindows {
		windows := torch.CosineWindows{Side: int64(n.Window), Shrink: n.SmallMaps == "shrink"}
		if n.TrainedWindow > 0 { // smaller maps had a smaller window
			windows.Trained = int64(max(1, min(n.TrainedWindow, n.TrainedPixels/4>>stage)))
		}
		return windows
	}
	return net, release
}

// Build makes the net under the path.
func (n SwinV2[N]) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net, _ := n.net()
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (n SwinV2[N]) Groups() []string {
	net, _ := n.net()
	return net.groups()
}

// File is where the weights come from.
func (n SwinV2[N]) File() registry.Path { return n.Weights }

// Origin says whose names files have.
func (SwinV2[N]) Origin() string {
	return "the names of torchvision, timm, the authors or Hugging Face's Swinv2Model"
}

// OtherNames lead to the names of other libraries.
func (SwinV2[N]) OtherNames() []func(string) string { return swinV2Names{}.OtherNames() }

// Prepare joins biases, queries, keys and values.
func (SwinV2[N]) Prepare(d statedict.Dict) statedict.Dict { return swinV2Names{}.Prepare(d) }

// Agrees refuses files that tell of other windows.
func (n SwinV2[N]) Agrees(d statedict.Dict) error {
	return windowsAgree(d, int64(n.Window), int64(n.TrainedWindow))
}

// Releases are IMAGENET1K_V1.
func (n SwinV2[N]) Releases() []Release {
	_, release := n.net()
	return []Release{release}
}
