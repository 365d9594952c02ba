package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("efficientnet_b4", "efficientnet_b0 with 1.8 times as many blocks in a stage and 1.4 times the channels (Tan and Le 2019), as in torchvision", EfficientNetB4{StochasticDepth: 0.2})
}

// EfficientNetB4 is torchvision's efficientnet_b4 without its last layer and the dropout before it.
type EfficientNetB4 struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var efficientnetB4 = efficientnetB0.scaled(1.4, 1.8)

// Build makes the net under the path.
func (n EfficientNetB4) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := efficientnetB4
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (EfficientNetB4) Groups() []string { return efficientnetB4.groups() }

// File is where the weights come from.
func (n EfficientNetB4) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (EfficientNetB4) Releases() []Release {
	return []Release{{Word: "imagenet", File: "efficientnet_b4_rwightman-23ab8bcd.pth", MiB: 74.489}}
}
