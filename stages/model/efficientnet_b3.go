package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("efficientnet_b3", "efficientnet_b0 with 1.4 times as many blocks in a stage and 1.2 times the channels (Tan and Le 2019), as in torchvision", EfficientNetB3{StochasticDepth: 0.2})
}

// EfficientNetB3 is torchvision's efficientnet_b3 without its last layer and the dropout before it.
type EfficientNetB3 struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var efficientnetB3 = efficientnetB0.scaled(1.2, 1.4)

// Build makes the net under the path.
func (n EfficientNetB3) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := efficientnetB3
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (EfficientNetB3) Groups() []string { return efficientnetB3.groups() }

// File is where the weights come from.
func (n EfficientNetB3) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (EfficientNetB3) Releases() []Release {
	return []Release{{Word: "imagenet", File: "efficientnet_b3_rwightman-b3899882.pth", MiB: 47.184}}
}
