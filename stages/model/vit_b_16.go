package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("vit_b_16", "transformer over patches of 16×16 pixels (Dosovitskiy et al. 2021), as in torchvision; images of any size in multiples of 16", ViTB16{Features: "class"})
}

// ViTB16 is torchvision's vit_b_16 without its last layer.
type ViTB16 struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names or timm's (vit_base_patch16_224, DeiT, MAE); positions are resized to the images' size; empty draws the weights" words:"imagenet"`
	Features        string        `help:"what the net says of an image: its class token (class), the patches, whose maps are pooled as model.pool says (patches), or both beside each other (class_and_patches)" oneof:"class patches class_and_patches"`
	StochasticDepth float64       `help:"share of the samples that go without the last layer in training, which torchvision has none of; it falls to 0 at the first layer" min:"0" under:"1"`
}

func (n ViTB16) net() vit {
	return vit{grid: grid{width: 768, down: vitSide, across: vitSide, before: 1}, heads: 12, layers: 12, says: n.Features, depth: n.StochasticDepth, file: n.Weights, releases: n.Releases()}
}

// Build makes the net for images of 224 × 224 pixels under the path.
func (n ViTB16) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net().Build(p, channels)
}

// Groups names stem, layers and the last norm.
func (n ViTB16) Groups() []string { return n.net().Groups() }

// File is where the weights come from.
func (n ViTB16) File() registry.Path { return n.Weights }

// For gives the net for images of so many pixels.
func (n ViTB16) For(height, width int) (Backbone, error) { return n.net().For(height, width) }

// Releases are IMAGENET1K_V1.
func (ViTB16) Releases() []Release {
	return []Release{{Word: "imagenet", File: "vit_b_16-c867db91.pth", MiB: 330.285}}
}
