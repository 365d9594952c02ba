package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("densenet121", "densely connected net of 121 layers (Huang et al. 2017), as in torchvision", DenseNet121{})
}

// DenseNet121 is torchvision's densenet121 without its last layer.
type DenseNet121 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
}

var denseNet121 = densenet{blocks: [4]int{6, 12, 24, 16}}

// Build makes the net under the path.
func (DenseNet121) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return denseNet121.build(p, channels)
}

// Groups names stem, blocks, layers and transitions.
func (DenseNet121) Groups() []string { return denseNet121.groups() }

// File is where the weights come from.
func (d DenseNet121) File() registry.Path { return d.Weights }

// Releases are IMAGENET1K_V1.
func (DenseNet121) Releases() []Release {
	return []Release{{Word: "imagenet", File: "densenet121-a639ec97.pth", MiB: 30.845}}
}

// OtherNames lead to the names of files of torchvision, which are older.
func (DenseNet121) OtherNames() []func(string) string { return denseNet121.OtherNames() }
