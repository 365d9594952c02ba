package model

import (
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("convnext_small", "convnext_tiny with three times as many blocks in its third stage (Liu et al. 2022), as in torchvision", ConvNeXtSmall{StochasticDepth: 0.4})
}

// ConvNeXtSmall is torchvision's convnext_small without its last layer.
type ConvNeXtSmall struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, timm's or the authors'; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var convnextSmall = convnext{width: 96, blocks: [4]int{3, 3, 27, 3}}

// Build makes the net under the path.
func (n ConvNeXtSmall) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := convnextSmall
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (ConvNeXtSmall) Groups() []string { return convnextSmall.groups() }

// File is where the weights come from.
func (n ConvNeXtSmall) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (ConvNeXtSmall) Releases() []Release {
	return []Release{{Word: "imagenet", File: "convnext_small-0c510722.pth", MiB: 191.703}}
}

// OtherNames lead to the names of timm and of the authors.
func (ConvNeXtSmall) OtherNames() []func(string) string { return convnextSmall.OtherNames() }

// Reorder makes the tensors of their files ours.
func (ConvNeXtSmall) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	convnextSmall.Reorder(names, tensors)
}
