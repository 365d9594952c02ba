package model

import (
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("convnextv2_tiny", "convnext_tiny with global response normalisation, which masked autoencoders want (Woo et al. 2023), as in timm", ConvNeXtV2Tiny{StochasticDepth: 0.2})
}

// ConvNeXtV2Tiny is timm's convnextv2_tiny without its last layer, with names as torchvision has them for convnext_tiny.
type ConvNeXtV2Tiny struct {
	Weights         registry.Path `help:"safetensors or .pth file with the names of timm (convnextv2_tiny) or of facebookresearch/ConvNeXt-V2 to begin from; empty draws the weights"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var convnextV2Tiny = convnext{v2: true, width: 96, blocks: [4]int{3, 3, 9, 3}}

// Build makes the net under the path.
func (n ConvNeXtV2Tiny) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := convnextV2Tiny
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (ConvNeXtV2Tiny) Groups() []string { return convnextV2Tiny.groups() }

// File is where the weights come from.
func (n ConvNeXtV2Tiny) File() registry.Path { return n.Weights }

// Origin says whose names files have.
func (ConvNeXtV2Tiny) Origin() string {
	return "the names of timm's convnextv2_tiny or of facebookresearch/ConvNeXt-V2"
}

// OtherNames lead to the names of timm and of the authors.
func (ConvNeXtV2Tiny) OtherNames() []func(string) string { return convnextV2Tiny.OtherNames() }

// Reorder makes the tensors of their files ours.
func (ConvNeXtV2Tiny) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	convnextV2Tiny.Reorder(names, tensors)
}
