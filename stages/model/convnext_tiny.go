package model

import (
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("convnext_tiny", "convolutions of 7×7 places and layer-norm, as a transformer is built (Liu et al. 2022), as in torchvision", ConvNeXtTiny{StochasticDepth: 0.1})
}

// ConvNeXtTiny is torchvision's convnext_tiny without its last layer.
type ConvNeXtTiny struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, timm's or the authors'; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var convnextTiny = convnext{width: 96, blocks: [4]int{3, 3, 9, 3}}

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

// Releases are IMAGENET1K_V1.
func (ConvNeXtTiny) Releases() []Release {
	return []Release{{Word: "imagenet", File: "convnext_tiny-983f1562.pth", MiB: 109.119}}
}

// OtherNames lead to the names of timm and of the authors.
func (ConvNeXtTiny) OtherNames() []func(string) string { return convnextTiny.OtherNames() }

// Reorder makes the tensors of their files ours.
func (ConvNeXtTiny) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	convnextTiny.Reorder(names, tensors)
}
