package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("efficientnet_v2_m", "efficientnet_v2_s with more blocks and a seventh stage (Tan and Le 2021), as in torchvision", EfficientNetV2M{StochasticDepth: 0.2})
}

// EfficientNetV2M is torchvision's efficientnet_v2_m without its last layer and the dropout before it.
type EfficientNetV2M struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var efficientnetV2M = efficientnet{stem: 24, last: 1280, eps: 1e-3, stages: []inverted{
	{fused: true, expand: 1, kernel: 3, stride: 1, out: 24, blocks: 3},
	{fused: true, expand: 4, kernel: 3, stride: 2, out: 48, blocks: 5},
	{fused: true, expand: 4, kernel: 3, stride: 2, out: 80, blocks: 5},
	{expand: 4, kernel: 3, stride: 2, out: 160, blocks: 7},
	{expand: 6, kernel: 3, stride: 1, out: 176, blocks: 14},
	{expand: 6, kernel: 3, stride: 2, out: 304, blocks: 18},
	{expand: 6, kernel: 3, stride: 1, out: 512, blocks: 5},
}}

// Build makes the net under the path.
func (n EfficientNetV2M) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := efficientnetV2M
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (EfficientNetV2M) Groups() []string { return efficientnetV2M.groups() }

// File is where the weights come from.
func (n EfficientNetV2M) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (EfficientNetV2M) Releases() []Release {
	return []Release{{Word: "imagenet", File: "efficientnet_v2_m-dc08266a.pth", MiB: 208.01}}
}
