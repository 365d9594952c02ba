package model

import (
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("convnextv2_base", "convnext_base with global response normalisation, which masked autoencoders want (Woo et al. 2023), as in timm", ConvNeXtV2Base{StochasticDepth: 0.1})
}

// ConvNeXtV2Base is timm's convnextv2_base without its last layer, with names as torchvision has them for convnext_base.
type ConvNeXtV2Base struct {
	Weights         registry.Path `help:"safetensors or .pth file with the names of timm (convnextv2_base) or of facebookresearch/ConvNeXt-V2 to begin from; empty draws the weights"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var convnextV2Base = convnext{v2: true, width: 128, blocks: [4]int{3, 3, 27, 3}}

// Build makes the net under the path.
func (n ConvNeXtV2Base) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := convnextV2Base
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (ConvNeXtV2Base) Groups() []string { return convnextV2Base.groups() }

// File is where the weights come from.
func (n ConvNeXtV2Base) File() registry.Path { return n.Weights }

// Origin says whose names files have.
func (ConvNeXtV2Base) Origin() string {
	return "the names of timm's convnextv2_base or of facebookresearch/ConvNeXt-V2"
}

// OtherNames lead to the names of timm and of the authors.
func (ConvNeXtV2Base) OtherNames() []func(string) string { return convnextV2Base.OtherNames() }

// Reorder makes the tensors of their files ours.
func (ConvNeXtV2Base) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	convnextV2Base.Reorder(names, tensors)
}
