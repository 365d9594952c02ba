package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("resnext50_32x4d", "resnet50 whose bottlenecks have 3×3 convolutions in 32 groups, of 4 channels each in the first layer (Xie et al. 2017), as in torchvision", ResNeXt50{})
}

// ResNeXt50 is torchvision's resnext50_32x4d without its last layer.
type ResNeXt50 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet imagenet_v1"`
}

var resnext50 = resnet{blocks: [4]int{3, 4, 6, 3}, expansion: 4, block: bottlenecks(32, 4)}

// Build makes the net under the path.
func (ResNeXt50) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return resnext50.build(p, channels)
}

// Groups names stem, layers and blocks.
func (ResNeXt50) Groups() []string { return resnext50.groups() }

// Children are torchvision's, in its order.
func (ResNeXt50) Children() []string { return resnetChildren }

// File is where the weights come from.
func (r ResNeXt50) File() registry.Path { return r.Weights }

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (ResNeXt50) Releases() []Release {
	return []Release{{Word: "imagenet", File: "resnext50_32x4d-1a0047aa.pth", MiB: 95.833}, {Word: "imagenet_v1", File: "resnext50_32x4d-7cdf4587.pth", MiB: 95.789}}
}
