package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// EfficientNet is a net of Tan and Le ("EfficientNet: Rethinking model scaling", 2019;
// "EfficientNetV2", 2021) as torchvision has it, without its last layer and the dropout before it. N
// says which.
type EfficientNet[N efficientnetNet] struct {
	Weights         registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, with timm's, or with those of efficientnet-pytorch or MONAI's EfficientNetBN; empty draws the weights" words:"imagenet"`
	Variant         string        `help:"torchvision: with its padding and its epsilon of batch-norm; tensorflow: with TensorFlow's, as the nets of files have that come from there: timm's tf_efficientnet…, efficientnet-pytorch, MONAI" oneof:"torchvision tensorflow"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

// efficientnetNet is one of the family.
type efficientnetNet interface{ efficientnet() efficientnet }

// tensorflowEps is what TensorFlow's EfficientNets of both versions add to variances in batch-norm
// (timm's BN_EPS_TF_DEFAULT).
const tensorflowEps = 1e-3

func (n EfficientNet[N]) net() efficientnet {
	var which N
	net := which.efficientnet()
	net.depth = n.StochasticDepth
	if n.Variant == "tensorflow" {
		net.same, net.eps = true, tensorflowEps
	}
	return net
}

// Build makes the net under the path.
func (n EfficientNet[N]) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net().build(p, channels)
}

// Groups names stem, stages and blocks.
func (n EfficientNet[N]) Groups() []string { return n.net().groups() }

// File is where the weights come from.
func (n EfficientNet[N]) File() registry.Path { return n.Weights }

// Origin says whose names files have.
func (EfficientNet[N]) Origin() string {
	return "the names of torchvision, timm, efficientnet-pytorch or MONAI's EfficientNetBN"
}

// OtherNames lead to the names of other libraries.
func (n EfficientNet[N]) OtherNames() []func(string) string { return n.net().otherNames() }

// Fits refuses files whose names tell that they are of the other variant.
func (n EfficientNet[N]) Fits(names []string) error { return n.net().fits(names) }

// Doubt says that the published weights are of the other variant.
func (n EfficientNet[N]) Doubt() (setting, text, hint string) {
	return doubtOfVariant(n, string(n.Weights), n.Variant)
}

func doubtOfVariant(b Backbone, weights, variant string) (setting, text, hint string) {
	if _, released := releaseOf(b, weights); !released || variant != "tensorflow" {
		return "", "", ""
	}
	return "variant", "the weights of " + weights + " are torchvision's, of nets that pad otherwise", "leave variant out, or take a file of nets that come from TensorFlow"
}

// Releases are torchvision's.
func (n EfficientNet[N]) Releases() []Release { return []Release{n.net().release} }

// from is the net with its weights of ImageNet.
func (e efficientnet) from(file string, mib float64) efficientnet {
	e.release = Release{Word: "imagenet", File: file, MiB: mib}
	return e
}
