package model

import (
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("convnext_base", "convnext_small with a third more channels (Liu et al. 2022), as in torchvision", ConvNeXtBase{StochasticDepth: 0.5})
}

// ConvNeXtBase is torchvision's convnext_base without its last layer.
type ConvNeXtBase struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, timm's or the authors'; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var convnextBase = convnext{width: 128, blocks: [4]int{3, 3, 27, 3}}

// Build makes the net under the path.
func (n ConvNeXtBase) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := convnextBase
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (ConvNeXtBase) Groups() []string { return convnextBase.groups() }

// File is where the weights come from.
func (n ConvNeXtBase) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (ConvNeXtBase) Releases() []Release {
	return []Release{{Word: "imagenet", File: "convnext_base-6075fbad.pth", MiB: 338.064}}
}

// OtherNames lead to the names of timm and of the authors.
func (ConvNeXtBase) OtherNames() []func(string) string { return convnextBase.OtherNames() }

// Reorder makes the tensors of their files ours.
func (ConvNeXtBase) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	convnextBase.Reorder(names, tensors)
}
