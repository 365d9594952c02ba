package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("resnet152", "residual net of 152 layers in bottleneck blocks (He et al. 2015), as in torchvision", ResNet152{})
}

// ResNet152 is torchvision's resnet152 without its last layer.
type ResNet152 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet imagenet_v1"`
}

var resnet152 = resnet{blocks: [4]int{3, 8, 36, 3}, expansion: 4, block: bottleneck}

// Build makes the net under the path.
func (ResNet152) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return resnet152.build(p, channels)
}

// Groups names stem, layers and blocks.
func (ResNet152) Groups() []string { return resnet152.groups() }

// Children are torchvision's, in its order.
func (ResNet152) Children() []string { return resnetChildren }

// File is where the weights come from.
func (r ResNet152) File() registry.Path { return r.Weights }

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (ResNet152) Releases() []Release {
	return []Release{{Word: "imagenet", File: "resnet152-f82ba261.pth", MiB: 230.474}, {Word: "imagenet_v1", File: "resnet152-394f9c45.pth", MiB: 230.434}}
}
