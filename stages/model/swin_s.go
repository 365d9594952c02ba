package model

import (
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("swin_s", "swin_t with three times as many blocks in its third stage (Liu et al. 2021), as in torchvision", SwinS{StochasticDepth: 0.3})
}

// SwinS is torchvision's swin_s without its last layer.
type SwinS struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, timm's or MMPretrain's; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var swinSmall = swin{width: 96, heads: 3, blocks: [4]int{2, 2, 18, 2}}

// Build makes the net under the path.
func (n SwinS) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := swinSmall
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (SwinS) Groups() []string { return swinSmall.groups() }

// File is where the weights come from.
func (n SwinS) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (SwinS) Releases() []Release {
	return []Release{{Word: "imagenet", File: "swin_s-5e29d889.pth", MiB: 189.786}}
}

// OtherNames are those of other files.
func (SwinS) OtherNames() []func(string) string { return swinSmall.OtherNames() }

// Reorder makes of MMPretrain's tensors ours.
func (SwinS) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	swinSmall.Reorder(names, tensors)
}
