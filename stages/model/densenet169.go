package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("densenet169", "densely connected net of 169 layers (Huang et al. 2017), as in torchvision", DenseNet169{})
}

// DenseNet169 is torchvision's densenet169 without its last layer.
type DenseNet169 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
}

var denseNet169 = densenet{blocks: [4]int{6, 12, 32, 32}}

// Build makes the net under the path.
func (DenseNet169) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return denseNet169.build(p, channels)
}

// Groups names stem, blocks, layers and transitions.
func (DenseNet169) Groups() []string { return denseNet169.groups() }

// File is where the weights come from.
func (d DenseNet169) File() registry.Path { return d.Weights }

// Releases are IMAGENET1K_V1.
func (DenseNet169) Releases() []Release {
	return []Release{{Word: "imagenet", File: "densenet169-b2777c0a.pth", MiB: 54.708}}
}

// OtherNames lead to the names of files of torchvision, which are older.
func (DenseNet169) OtherNames() []func(string) string { return denseNet169.OtherNames() }
