package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("resnet18", "residual net of 18 layers in two-convolution blocks (He et al. 2015), as in torchvision", ResNet18{})
}

// ResNet18 is torchvision's resnet18 without its last layer.
type ResNet18 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet"`
}

var resnet18 = resnet{blocks: [4]int{2, 2, 2, 2}, expansion: 1, block: basicBlock}

// Build makes the net under the path.
func (ResNet18) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return resnet18.build(p, channels)
}

// Groups names stem, layers and blocks.
func (ResNet18) Groups() []string { return resnet18.groups() }

// Children are torchvision's, in its order.
func (ResNet18) Children() []string { return resnetChildren }

// File is where the weights come from.
func (r ResNet18) File() registry.Path { return r.Weights }

// Releases are IMAGENET1K_V1.
func (ResNet18) Releases() []Release {
	return []Release{{Word: "imagenet", File: "resnet18-f37072fd.pth", MiB: 44.661}}
}
