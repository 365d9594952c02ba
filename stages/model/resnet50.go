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
	Weights registry.Path `help:"safetensors or .pth file with torchvision's names to begin from; empty draws the weights"`
}

var resnet50 = resnet{blocks: [4]int{3, 4, 6, 3}, expansion: 4, block: bottleneck}

// Build makes the net under the path.
func (ResNet50) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return resnet50.build(p, channels)
}

// Groups names stem, layers and blocks.
func (ResNet50) Groups() []string { return resnet50.groups() }

// File is where the weights come from.
func (r ResNet50) File() registry.Path { return r.Weights }
