package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("efficientnet_b1", "efficientnet_b0 with 1.1 times as many blocks in a stage (Tan and Le 2019), as in torchvision", EfficientNetB1{Variant: "torchvision", StochasticDepth: 0.2})
}

// EfficientNetB1 is torchvision's efficientnet_b1, the one of the family with two releases.
type EfficientNetB1 struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, with timm's, or with those of efficientnet-pytorch or MONAI's EfficientNetBN; empty draws the weights" words:"imagenet imagenet_v1"`
	Variant         string        `help:"torchvision: with its padding and its epsilon of batch-norm; tensorflow: with TensorFlow's, as the nets of files have that come from there: timm's tf_efficientnet…, efficientnet-pytorch, MONAI" oneof:"torchvision tensorflow"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

// efficientnetB1 is torchvision's efficientnet_b1.
type efficientnetB1 struct{}

func (efficientnetB1) efficientnet() efficientnet {
	return efficientnetB0{}.efficientnet().scaled(1, 1.1).from("efficientnet_b1-c27df63c.pth", 30.136)
}

func (n EfficientNetB1) family() EfficientNet[efficientnetB1] {
	return EfficientNet[efficientnetB1](n)
}

// Build makes the net under the path.
func (n EfficientNetB1) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.family().Build(p, channels)
}

// Groups names stem, stages and blocks.
func (n EfficientNetB1) Groups() []string { return n.family().Groups() }

// File is where the weights come from.
func (n EfficientNetB1) File() registry.Path { return n.Weights }

// Origin says whose names files have.
func (n EfficientNetB1) Origin() string { return n.family().Origin() }

// OtherNames lead to the names of other libraries.
func (n EfficientNetB1) OtherNames() []func(string) string { return n.family().OtherNames() }

// Fits refuses files whose names tell that they are of the other variant.
func (n EfficientNetB1) Fits(names []string) error { return n.family().Fits(names) }

// Doubt says that the published weights are of the other variant.
func (n EfficientNetB1) Doubt() (setting, text, hint string) {
	return doubtOfVariant(n, string(n.Weights), n.Variant)
}

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (n EfficientNetB1) Releases() []Release {
	return append(n.family().Releases(), Release{Word: "imagenet_v1", File: "efficientnet_b1_rwightman-bac287d4.pth", MiB: 30.134})
}
