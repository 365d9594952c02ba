package model

import (
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("swin_t", "transformer whose attention stays within shifted windows (Liu et al. 2021), as in torchvision; images of any size", SwinT{StochasticDepth: 0.2})
}

// SwinT is torchvision's swin_t without its last layer.
type SwinT struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, timm's or MMPretrain's; empty draws the weights" words:"imagenet"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

var swinTiny = swin{width: 96, heads: 3, blocks: [4]int{2, 2, 6, 2}}

// Build makes the net under the path.
func (n SwinT) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := swinTiny
	net.depth = n.StochasticDepth
	return net.build(p, channels)
}

// Groups names stem, stages and blocks.
func (SwinT) Groups() []string { return swinTiny.groups() }

// File is where the weights come from.
func (n SwinT) File() registry.Path { return n.Weights }

// Releases are IMAGENET1K_V1.
func (SwinT) Releases() []Release {
	return []Release{{Word: "imagenet", File: "swin_t-704ceda3.pth", MiB: 108.19}}
}

// OtherNames are those of other files.
func (SwinT) OtherNames() []func(string) string { return swinTiny.OtherNames() }

// Reorder makes of MMPretrain's tensors ours.
func (SwinT) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	swinTiny.Reorder(names, tensors)
}
