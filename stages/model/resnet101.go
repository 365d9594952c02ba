package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("resnet101", "residual net of 101 layers in bottleneck blocks (He et al. 2015), as in torchvision", ResNet101{})
}

// ResNet101 is torchvision's resnet101 without its last layer.
type ResNet101 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet imagenet_v1"`
}

var resnet101 = resnet{blocks: [4]int{3, 4, 23, 3}, expansion: 4, block: bottleneck}

// Build makes the net under the path.
func (ResNet101) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return resnet101.build(p, channels)
}

// Groups names stem, layers and blocks.
func (ResNet101) Groups() []string { return resnet101.groups() }

// Children are torchvision's, in its order.
func (ResNet101) Children() []string { return resnetChildren }

// File is where the weights come from.
func (r ResNet101) File() registry.Path { return r.Weights }

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (ResNet101) Releases() []Release {
	return []Release{{Word: "imagenet", File: "resnet101-cd907fc2.pth", MiB: 170.53}, {Word: "imagenet_v1", File: "resnet101-63fe2227.pth", MiB: 170.511}}
}
