package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("densenet201", "densely connected net of 201 layers (Huang et al. 2017), as in torchvision", DenseNet201{})
}

// DenseNet201 is torchvision's densenet201 without its last layer.
type DenseNet201 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
}

var denseNet201 = densenet{blocks: [4]int{6, 12, 48, 32}}

// Build makes the net under the path.
func (DenseNet201) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return denseNet201.build(p, channels)
}

// Groups names stem, blocks, layers and transitions.
func (DenseNet201) Groups() []string { return denseNet201.groups() }

// File is where the weights come from.
func (d DenseNet201) File() registry.Path { return d.Weights }

// Releases are IMAGENET1K_V1.
func (DenseNet201) Releases() []Release {
	return []Release{{Word: "imagenet", File: "densenet201-c1103571.pth", MiB: 77.373}}
}

// OtherNames lead to the names of files of torchvision, which are older.
func (DenseNet201) OtherNames() []func(string) string { return denseNet201.OtherNames() }
