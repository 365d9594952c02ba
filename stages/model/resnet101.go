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
	Weights registry.Path `help:"safetensors or .pth file with torchvision's names to begin from; empty draws the weights"`
}

var resnet101 = resnet{blocks: [4]int{3, 4, 23, 3}, expansion: 4, block: bottleneck}

// Build makes the net under the path.
func (ResNet101) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return resnet101.build(p, channels)
}

// Groups names stem, layers and blocks.
func (ResNet101) Groups() []string { return resnet101.groups() }

// File is where the weights come from.
func (r ResNet101) File() registry.Path { return r.Weights }
