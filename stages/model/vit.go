package model

import (
	"math"
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// vit is torchvision.models.VisionTransformer (Dosovitskiy et al. 2021, "An image is worth
// 16x16 words"), with its names.
type vit struct {
	grid
	heads    int64
	layers   int
	says     string // see said
	depth    float64
	file     registry.Path
	releases []Release
}

// Each patch of patchSize² pixels is a token; vitSide of them are a side of the images that
// published weights are made for.
const patchSize, vitSide = 16, 14

const (
	vitPositions = "encoder.pos_embedding"
	vitBlocks    = "encoder.layers"
	vitBlockName = "encoder_layer_"
)

// Build makes the net under the path. Its layers have the norm before each branch.
func (v vit) Build(p torch.Path, channels int64) (torch.Module, int64) {
	encoder := p.Sub("encoder")
	net := torch.Sequence{
		torch.NewConv2D(p.Sub("conv_proj"), channels, v.width, patchSize, torch.Conv2DOptions{
			Stride: patchSize, Bias: true, BiasInit: torch.Constant(0), Init: torch.Normal(1 / math.Sqrt(float64(channels*patchSize*patchSize))),
		}),
		tokens{
			class_11F:     p.Embedding("class_token", torch.Constant(0), 1, 1, v.width),
			positions_1SF: encoder.Embedding("pos_embedding", torch.Normal(0.02), 1, v.down*v.across+1, v.width),
		},
	}
	for i := range v.layers {
		net = append(net, v.block(encoder.Sub("layers").Sub(vitBlockName+strconv.Itoa(i)), i)...)
	}
	norm := torch.NewLayerNorm(encoder.Sub("ln"), v.width, epsilon)
	says, features := v.said(v.says, norm)
	return append(net, says...), features
}

// block is a layer of the encoder.
func (v vit) block(p torch.Path, i int) []torch.Module {
	look := torch.Sequence{torch.NewLayerNorm(p.Sub("ln_1"), v.width, epsilon)}
	if i == v.layers-1 && !pooledIn(v.says) {
		look = append(look, torch.Func(v.watched))
	}
	look = append(look, torch.NewSelfAttention(p.Sub("self_attention"), v.width, v.heads))
	think := append(torch.Sequence{torch.NewLayerNorm(p.Sub("ln_2"), v.width, epsilon)}, mlp(p.Sub("mlp"), v.width, torch.Xavier(v.width, 4*v.width), torch.Normal(1e-6))...)
	depth := v.depth * float64(i) / float64(v.layers-1)
	return []torch.Module{skip{branch: look, depth: torch.StochasticDepth{Name: p.Name() + ".self_attention", P: depth}}, skip{branch: think, depth: torch.StochasticDepth{Name: p.Name() + ".mlp", P: depth}}}
}

// mlp is torchvision.ops.MLP with one inner layer, four times as wide, and no dropout.
func mlp(p torch.Path, width int64, weight, bias torch.Init) torch.Sequence {
	return torch.Sequence{torch.NewLinearOf(p.Sub("0"), width, 4*width, weight, bias), torch.GELU, torch.NewLinearOf(p.Sub("3"), 4*width, width, weight, bias)}
}

// Groups names stem, layers and the last norm.
func (v vit) Groups() []string {
	groups := []string{"conv_proj", "class_token", "encoder", vitPositions, vitBlocks}
	for i := range v.layers {
		groups = append(groups, vitBlocks+"."+vitBlockName+strconv.Itoa(i))
	}
	return append(groups, "encoder.ln")
}

// File is where the weights come from.
func (v vit) File() registry.Path { return v.file }

// Releases are what torchvision publishes.
func (v vit) Releases() []Release { return v.releases }

// For gives the net for images of so many pixels.
func (v vit) For(height, width int) (Backbone, error) {
	var err error
	if v.down, v.across, err = patched(height, width, patchSize); err != nil {
		return nil, err
	}
	return v, nil
}
