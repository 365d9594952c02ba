package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("mobilenet_v3_large", "small and quick net of inverted residual blocks (Howard et al. 2019), as in torchvision", MobileNetV3Large{})
}

// MobileNetV3Large is torchvision's mobilenet_v3_large without its last layer and the dropout before it.
type MobileNetV3Large struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names; empty draws the weights" words:"imagenet imagenet_v1"`
}

var mobileNetV3Large = mobileNetV3{last: 1280, blocks: []mobile{
	{kernel: 3, stride: 1, wide: 16, out: 16},
	{kernel: 3, stride: 2, wide: 64, out: 24},
	{kernel: 3, stride: 1, wide: 72, out: 24},
	{kernel: 5, stride: 2, wide: 72, out: 40, excited: true},
	{kernel: 5, stride: 1, wide: 120, out: 40, excited: true},
	{kernel: 5, stride: 1, wide: 120, out: 40, excited: true},
	{kernel: 3, stride: 2, wide: 240, out: 80, hard: true},
	{kernel: 3, stride: 1, wide: 200, out: 80, hard: true},
	{kernel: 3, stride: 1, wide: 184, out: 80, hard: true},
	{kernel: 3, stride: 1, wide: 184, out: 80, hard: true},
	{kernel: 3, stride: 1, wide: 480, out: 112, excited: true, hard: true},
	{kernel: 3, stride: 1, wide: 672, out: 112, excited: true, hard: true},
	{kernel: 5, stride: 2, wide: 672, out: 160, excited: true, hard: true},
	{kernel: 5, stride: 1, wide: 960, out: 160, excited: true, hard: true},
	{kernel: 5, stride: 1, wide: 960, out: 160, excited: true, hard: true},
}}

// Build makes the net under the path.
func (MobileNetV3Large) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return mobileNetV3Large.build(p, channels)
}

// Groups names stem, blocks and last layers.
func (MobileNetV3Large) Groups() []string { return mobileNetV3Large.groups() }

// File is where the weights come from.
func (m MobileNetV3Large) File() registry.Path { return m.Weights }

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (MobileNetV3Large) Releases() []Release {
	return []Release{{Word: "imagenet", File: "mobilenet_v3_large-5c1a4163.pth", MiB: 21.107}, {Word: "imagenet_v1", File: "mobilenet_v3_large-8738ca79.pth", MiB: 21.114}}
}
