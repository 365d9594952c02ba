package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("resnet34", "residual net of 34 layers in two-convolution blocks (He et al. 2015), as in torchvision", ResNet34{})
}

// ResNet34 is torchvision's resnet34 without its last layer.
type ResNet34 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
}

var resnet34 = resnet{blocks: [4]int{3, 4, 6, 3}, expansion: 1, block: basicBlock}

// Build makes the net under the path.
func (ResNet34) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return resnet34.build(p, channels)
}

// Groups names stem, layers and blocks.
func (ResNet34) Groups() []string { return resnet34.groups() }

// Children are torchvision's, in its order.
func (ResNet34) Children() []string { return resnetChildren }

// File is where the weights come from.
func (r ResNet34) File() registry.Path { return r.Weights }

// Releases are IMAGENET1K_V1.
func (ResNet34) Releases() []Release {
	return []Release{{Word: "imagenet", File: "resnet34-b627a593.pth", MiB: 83.275}}
}
