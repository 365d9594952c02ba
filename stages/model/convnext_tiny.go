package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("convnext_tiny", "convolutions of 7×7 places and layer-norm, as a transformer is built (Liu et al. 2022), as in torchvision", ConvNeXtTiny{StochasticDepth: 0.1})
}

// ConvNeXtTiny is torchvision's convnext_tiny without its last layer.
type ConvNeXtTiny struct {
	Weights         registry.Path `help:"safetensors or .pth file with torchvision's names to begin from; empty draws the weights"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var convnextTiny = convnext{blocks: [4]int{3, 3, 9, 3}}

// Build makes the net under the path.
func (n ConvNeXtTiny) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := convnextTiny
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (ConvNeXtTiny) Groups() []string { return convnextTiny.groups() }

// File is where the weights come from.
func (n ConvNeXtTiny) File() registry.Path { return n.Weights }
