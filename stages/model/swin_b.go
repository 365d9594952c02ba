package model

import (
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("swin_b", "swin_s with a third more channels and heads (Liu et al. 2021), as in torchvision", SwinB{StochasticDepth: 0.5})
}

// SwinB is torchvision's swin_b without its last layer.
type SwinB struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, timm's or MMPretrain's; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var swinBase = swin{width: 128, heads: 4, blocks: [4]int{2, 2, 18, 2}}

// Build makes the net under the path.
func (n SwinB) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := swinBase
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (SwinB) Groups() []string { return swinBase.groups() }

// File is where the weights come from.
func (n SwinB) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (SwinB) Releases() []Release {
	return []Release{{Word: "imagenet", File: "swin_b-68c6b09e.pth", MiB: 335.364}}
}

// OtherNames are those of other files.
func (SwinB) OtherNames() []func(string) string { return swinBase.OtherNames() }

// Reorder makes of MMPretrain's tensors ours.
func (SwinB) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	swinBase.Reorder(names, tensors)
}
