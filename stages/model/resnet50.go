package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("resnet50", "residual net of 50 layers in bottleneck blocks (He et al. 2015), as in torchvision", ResNet50{})
}

// ResNet50 is torchvision's resnet50 without its last layer.
type ResNet50 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet imagenet_v1"`
}

var resnet50 = resnet{blocks: [4]int{3, 4, 6, 3}, expansion: 4, block: bottleneck}

// Build makes the net under the path.
func (ResNet50) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return resnet50.build(p, channels)
}

// Groups names stem, layers and blocks.
func (ResNet50) Groups() []string { return resnet50.groups() }

// Children are torchvision's, in its order.
func (ResNet50) Children() []string { return resnetChildren }

// File is where the weights come from.
func (r ResNet50) File() registry.Path { return r.Weights }

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (ResNet50) Releases() []Release {
	return []Release{{Word: "imagenet", File: "resnet50-11ad3fa6.pth", MiB: 97.79}, {Word: "imagenet_v1", File: "resnet50-0676ba61.pth", MiB: 97.781}}
}
