package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("vit_s_16", "vit_b_16 of half its width (Touvron et al. 2021, DeiT-S), as torchvision would have it; images of any size in multiples of 16", ViTS16{Features: "class"})
}

// ViTS16 is torchvision's VisionTransformer of the width 384 with 6 heads, without its last layer.
type ViTS16 struct {
	Weights         registry.Path `help:"safetensors or .pth file with timm's names (vit_small_patch16_224, DeiT, DINO) or torchvision's to begin from; torchvision itself has none of this size; positions are resized to the images' size; empty draws the weights"`
	Features        string        `help:"what the net says of an image: its class token (class), the patches, whose maps are pooled as model.pool says (patches), or both beside each other (class_and_patches)" oneof:"class patches class_and_patches"`
	StochasticDepth float64       `help:"share of the samples that go without the last layer in training, which torchvision has none of; it falls to 0 at the first layer" min:"0" under:"1"`
}

func (n ViTS16) net() vit {
	return vit{grid: grid{width: 384, down: vitSide, across: vitSide, before: 1}, heads: 6, layers: 12, says: n.Features, depth: n.StochasticDepth, file: n.Weights}
}

// Build makes the net for images of 224 × 224 pixels under the path.
func (n ViTS16) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net().Build(p, channels)
}

// Groups names stem, layers and the last norm.
func (n ViTS16) Groups() []string { return n.net().Groups() }

// File is where the weights come from.
func (n ViTS16) File() registry.Path { return n.Weights }

// For gives the net for images of so many pixels.
func (n ViTS16) For(height, width int) (Backbone, error) { return n.net().For(height, width) }
