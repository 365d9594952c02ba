package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("wide_resnet50_2", "resnet50 with twice the channels in the middle of its bottlenecks (Zagoruyko and Komodakis 2016), as in torchvision", WideResNet50{})
}

// WideResNet50 is torchvision's wide_resnet50_2 without its last layer.
type WideResNet50 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet imagenet_v1"`
}

var wideResNet50 = resnet{blocks: [4]int{3, 4, 6, 3}, expansion: 4, block: bottlenecks(1, 128)}

// Build makes the net under the path.
func (WideResNet50) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return wideResNet50.build(p, channels)
}

// Groups names stem, layers and blocks.
func (WideResNet50) Groups() []string { return wideResNet50.groups() }

// Children are torchvision's, in its order.
func (WideResNet50) Children() []string { return resnetChildren }

// File is where the weights come from.
func (w WideResNet50) File() registry.Path { return w.Weights }

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (WideResNet50) Releases() []Release {
	return []Release{{Word: "imagenet", File: "wide_resnet50_2-9ba9bcbe.pth", MiB: 263.124}, {Word: "imagenet_v1", File: "wide_resnet50_2-95faca4d.pth", MiB: 131.82}}
}
