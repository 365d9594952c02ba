package model

import (
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// DINOv2 is a vision transformer of Oquab et al. 2024 ("DINOv2: Learning robust visual features
// without supervision") with the names of facebookresearch/dinov2, which are timm's too. N says which.
type DINOv2[N dinov2Net] struct {
	Weights         registry.Path `help:"what to begin from: Facebook's weights of LVD-142M, or a safetensors or .pth file with the names of facebookresearch/dinov2, of timm (vit_small_patch14_dinov2, vit_base_patch14_reg4_dinov2 and the like) or of Hugging Face's Dinov2Model and Dinov2WithRegistersModel; positions are resized to the images' size; empty draws the weights" words:"lvd142m"`
	Features        string        `help:"what the net says of an image: its class token (class), the patches, whose maps are pooled as model.pool says (patches), or both beside each other (class_and_patches)" oneof:"class patches class_and_patches"`
	StochasticDepth float64       `help:"share of the samples that go without the last layer in training; it falls to 0 at the first layer" min:"0" under:"1"`
}

// dinov2Net is one of the family.
type dinov2Net interface{ dinov2() dinov2 }

// dinov2 is one for images of so many patches.
type dinov2 struct {
	grid
	heads   int64
	layers  int
	says    string // see said
	depth   float64
	file    registry.Path
	release Release
}

// dinov2Patch² pixels are a patch.
const dinov2Patch = 14

// lvd142m is a file that Facebook publishes, of weights made from the 142 million images of LVD-142M.
func lvd142m(net, file string, mib float64, sha256 string) Release {
	return Release{Word: "lvd142m", File: file, MiB: mib, SHA256: sha256, By: "Facebook", Site: "https://dl.fbaipublicfiles.com/dinov2/dinov2_" + net}
}

// dinov2Of is a net of the family, with four registers or none, for images of 224 × 224 pixels.
func dinov2Of(width, heads int64, layers int, registers bool) dinov2 {
	d := dinov2{grid: grid{width: width, down: 16, across: 16, before: 1}, heads: heads, layers: layers}
	if registers {
		d.before = 5
	}
	return d
}

func (n DINOv2[N]) net() dinov2 {
	var which N
	d := which.dinov2()
	d.says, d.depth, d.file = n.Features, n.StochasticDepth, n.Weights
	return d
}

// Build makes the net for images of 224 × 224 pixels under the path.
func (n DINOv2[N]) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net().Build(p, channels)
}

// Groups names stem, blocks and the last norm.
func (n DINOv2[N]) Groups() []string { return n.net().Groups() }

// File is where the weights come from.
func (n DINOv2[N]) File() registry.Path { return n.Weights }

// Releases are LVD142M of dinov2/hub/backbones.py.
func (n DINOv2[N]) Releases() []Release { return n.net().Releases() }

// Origin says whose names files have.
func (n DINOv2[N]) Origin() string { return n.net().Origin() }

// For gives the net for images of so many pixels.
func (n DINOv2[N]) For(height, width int) (Backbone, error) { return n.net().For(height, width) }

// Build makes the net under the path. Its first weights are those of the authors' training:
// layers from N(0, 0.02²), branches that begin at 1e-5 of their size.
func (d dinov2) Build(p torch.Path, channels int64) (torch.Module, int64) {
	net := torch.Sequence{
		torch.NewConv2D(p.Sub("patch_embed").Sub("proj"), channels, d.width, dinov2Patch, torch.Conv2DOptions{Stride: dinov2Patch, Bias: true}),
		d.tokens(p),
	}
	for i := range d.layers {
		net = append(net, d.block(p.Sub("blocks").Sub(strconv.Itoa(i)), i)...)
	}
	norm := torch.NewLayerNorm(p.Sub("norm"), d.width, epsilon)
	says, features := d.said(d.says, norm)
	return append(net, says...), features
}

func (d dinov2) tokens(p torch.Path) tokens {
	m := tokens{class_11F: p.Embedding("cls_token", torch.Normal(1e-6), 1, 1, d.width)}
	if d.before > 1 {
		m.registers_1RF = p.Embedding("register_tokens", torch.Normal(1e-6), 1, d.before-1, d.width)
	}
	m.positions_1SF = p.Embedding("pos_embed", torch.Normal(0.02), 1, d.down*d.across+1, d.width)
	return m
}

func (d dinov2) block(p torch.Path, i int) []torch.Module {
	const ofBranch = 1e-5
	weight, none := torch.Normal(0.02), torch.Constant(0)
	look := torch.Sequence{torch.NewLayerNorm(p.Sub("norm1"), d.width, epsilon)}
	if i == d.layers-1 && !pooledIn(d.says) {
		look = append(look, torch.Func(d.watched))
	}
	look = append(look, torch.NewQKVAttention(p.Sub("attn"), d.width, d.heads, weight, torch.Constant(0)), scaled{p.Sub("ls1").Parameter("gamma", torch.Constant(ofBranch), d.width)})
	think := torch.Sequence{
		torch.NewLayerNorm(p.Sub("norm2"), d.width, epsilon),
		torch.NewLinearOf(p.Sub("mlp").Sub("fc1"), d.width, 4*d.width, weight, none), torch.GELU,
		torch.NewLinearOf(p.Sub("mlp").Sub("fc2"), 4*d.width, d.width, weight, none),
		scaled{p.Sub("ls2").Parameter("gamma", torch.Constant(ofBranch), d.width)},
	}
	depth := d.depth * float64(i) / float64(max(1, d.layers-1))
	return []torch.Module{skip{branch: look, depth: torch.StochasticDepth{Name: p.Name() + ".attn", P: depth}}, skip{branch: think, depth: torch.StochasticDepth{Name: p.Name() + ".mlp", P: depth}}}
}

// Groups names stem, blocks and the last norm.
func (d dinov2) Groups() []string {
	groups := []string{"patch_embed", "cls_token"}
	if d.before > 1 {
		groups = append(groups, "register_tokens")
	}
	groups = append(groups, "pos_embed", "blocks")
	for i := range d.layers {
		groups = append(groups, "blocks."+strconv.Itoa(i))
	}
	return append(groups, "norm")
}

// File is where the weights come from.
func (d dinov2) File() registry.Path { return d.file }

// Releases are what Facebook publishes.
func (d dinov2) Releases() []Release {
	if d.release.Word == "" {
		return nil
	}
	return []Release{d.release}
}

// For gives the net for images of so many pixels.
func (d dinov2) For(height, width int) (Backbone, error) {
	var err error
	if d.down, d.across, err = patched(height, width, dinov2Patch); err != nil {
		return nil, err
	}
	return d, nil
}
