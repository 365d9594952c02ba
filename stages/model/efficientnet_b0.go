package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("efficientnet_b0", "net of inverted residual blocks with squeeze-and-excitation (Tan and Le 2019), as in torchvision", EfficientNetB0{StochasticDepth: 0.2})
}

// EfficientNetB0 is torchvision's efficientnet_b0 without its last layer and the dropout before it.
type EfficientNetB0 struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var efficientnetB0 = efficientnet{stem: 32, last: 1280, eps: 1e-5, stages: []inverted{
	{expand: 1, kernel: 3, stride: 1, out: 16, blocks: 1},
	{expand: 6, kernel: 3, stride: 2, out: 24, blocks: 2},
	{expand: 6, kernel: 5, stride: 2, out: 40, blocks: 2},
	{expand: 6, kernel: 3, stride: 2, out: 80, blocks: 3},
	{expand: 6, kernel: 5, stride: 1, out: 112, blocks: 3},
	{expand: 6, kernel: 5, stride: 2, out: 192, blocks: 4},
	{expand: 6, kernel: 3, stride: 1, out: 320, blocks: 1},
}}

// Build makes the net under the path.
func (n EfficientNetB0) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := efficientnetB0
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (EfficientNetB0) Groups() []string { return efficientnetB0.groups() }

// File is where the weights come from.
func (n EfficientNetB0) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (EfficientNetB0) Releases() []Release {
	return []Release{{Word: "imagenet", File: "efficientnet_b0_rwightman-7f5810bc.pth", MiB: 20.451}}
}
