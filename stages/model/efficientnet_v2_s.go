package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("efficientnet_v2_s", "the small net of the second version, with fused blocks first (Tan and Le 2021), as in torchvision", EfficientNetV2S{StochasticDepth: 0.2})
}

// EfficientNetV2S is torchvision's efficientnet_v2_s without its last layer and the dropout before it.
type EfficientNetV2S struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var efficientnetV2S = efficientnet{stem: 24, last: 1280, eps: 1e-3, stages: []inverted{
	{fused: true, expand: 1, kernel: 3, stride: 1, out: 24, blocks: 2},
	{fused: true, expand: 4, kernel: 3, stride: 2, out: 48, blocks: 4},
	{fused: true, expand: 4, kernel: 3, stride: 2, out: 64, blocks: 4},
	{expand: 4, kernel: 3, stride: 2, out: 128, blocks: 6},
	{expand: 6, kernel: 3, stride: 1, out: 160, blocks: 9},
	{expand: 6, kernel: 3, stride: 2, out: 256, blocks: 15},
}}

// Build makes the net under the path.
func (n EfficientNetV2S) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := efficientnetV2S
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (EfficientNetV2S) Groups() []string { return efficientnetV2S.groups() }

// File is where the weights come from.
func (n EfficientNetV2S) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (EfficientNetV2S) Releases() []Release {
	return []Release{{Word: "imagenet", File: "efficientnet_v2_s-dd5fe13b.pth", MiB: 82.704}}
}
