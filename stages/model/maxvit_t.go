package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("maxvit_t", "inverted residual blocks, each with attention within windows and on a grid over all of the map behind it (Tu et al. 2022), as in torchvision; images of 224 or 448 pixels", MaxViTT{StochasticDepth: 0.2})
}

// MaxViTT is torchvision's maxvit_t without its last layer.
type MaxViTT struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var maxvitTiny = maxvit{stem: 64, widths: [4]int64{64, 128, 256, 512}, blocks: [4]int{2, 2, 5, 2}, head: 32, side: 7}

// Build makes the net under the path.
func (n MaxViTT) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := maxvitTiny
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages, blocks and what is behind the pooling.
func (MaxViTT) Groups() []string { return maxvitTiny.groups() }

// File is where the weights come from.
func (n MaxViTT) File() registry.Path { return n.Weights }

// For refuses images of other sizes than multiples of 224 pixels.
func (n MaxViTT) For(height, width int) (Backbone, error) {
	return n, maxvitTiny.fits(height, width)
}

// Releases are IMAGENET1K_V1.
func (MaxViTT) Releases() []Release {
	return []Release{{Word: "imagenet", File: "maxvit_t-bc5ab103.pth", MiB: 118.769}}
}
