package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("efficientnet_b1", "efficientnet_b0 with 1.1 times as many blocks in a stage (Tan and Le 2019), as in torchvision", EfficientNetB1{StochasticDepth: 0.2})
}

// EfficientNetB1 is torchvision's efficientnet_b1 without its last layer and the dropout before it.
type EfficientNetB1 struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet imagenet_v1"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var efficientnetB1 = efficientnetB0.scaled(1, 1.1)

// Build makes the net under the path.
func (n EfficientNetB1) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := efficientnetB1
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (EfficientNetB1) Groups() []string { return efficientnetB1.groups() }

// File is where the weights come from.
func (n EfficientNetB1) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (EfficientNetB1) Releases() []Release {
	return []Release{{Word: "imagenet", File: "efficientnet_b1-c27df63c.pth", MiB: 30.136}, {Word: "imagenet_v1", File: "efficientnet_b1_rwightman-bac287d4.pth", MiB: 30.134}}
}
