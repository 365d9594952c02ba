package model

import (
	"math"
	"strconv"
	"strings"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// PVTv2 is a net of Wang et al. 2022 ("PVT v2: Improved baselines with pyramid vision transformer") as
// timm has it, without its last layer. N says which.
type PVTv2[N pvtNet] struct {
	Weights         registry.Path `help:"safetensors or .pth file with the names of timm or of whai362/PVT to begin from; empty draws the weights"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

// pvtNet is one of the family.
type pvtNet interface{ pvt() pvt }

// pvt is timm's PyramidVisionTransformerV2, with its names: attention to a smaller map, and convolutions
// between the layers of each block, which know where a place is.
type pvt struct {
	widths [4]int64
	heads  [4]int64
	wider  [4]int64 // how many times the channels within blocks
	blocks [4]int
	depth  float64 // of stochastic depth at the last block; it rises from 0 at the first
}

// pvtRatios are by how much the maps are smaller that the places of a stage look at, down and across.
var pvtRatios = [4]int64{8, 4, 2, 1}

func (n pvt) build(p torch.Path, channels int64) (torch.Module, int64) {
	net := pvtPatches(p.Sub("patch_embed"), channels, n.widths[0], 7, 4)
	done, all := 0, 0
	for _, blocks := range n.blocks {
		all += blocks
	}
	for i, width := range n.widths {
		stage := p.Sub("stages").Sub(strconv.Itoa(i))
		if i > 0 {
			net = append(append(net, channelsBefore), pvtPatches(stage.Sub("downsample"), n.widths[i-1], width, 3, 2)...)
		}
		for j := range n.blocks[i] {
			net = append(net, n.block(stage.Sub("blocks").Sub(strconv.Itoa(j)), i, n.depth*float64(done)/float64(all-1))...)
			done++
		}
		net = append(net, torch.NewLayerNorm(stage.Sub("norm"), width, epsilon))
	}
	return append(net, channelsBefore, torch.GlobalAverage), n.widths[3]
}

// pvtPatches makes maps_BhwF of maps_BCHW, of patches that overlap.
func pvtPatches(p torch.Path, in, out, kernel, stride int64) torch.Sequence {
	return torch.Sequence{
		torch.NewConv2D(p.Sub("proj"), in, out, kernel, torch.Conv2DOptions{
			Stride: stride, Padding: kernel / 2, Bias: true, Init: torch.FanOutNormal(out * kernel * kernel), BiasInit: torch.Constant(0),
		}),
		channelsBehind, torch.NewLayerNorm(p.Sub("norm"), out, swinEpsilon),
	}
}

// block is of maps_BHWC.
func (n pvt) block(p torch.Path, stage int, depth float64) []torch.Module {
	width, ratio, mlp := n.widths[stage], pvtRatios[stage], p.Sub("mlp")
	wide := n.wider[stage] * width
	linear := func(name string, in, out int64) *torch.Linear {
		return torch.NewLinearOf(mlp.Sub(name), in, out, torch.Normal(0.02), torch.Constant(0))
	}
	look := torch.Sequence{
		torch.NewLayerNorm(p.Sub("norm1"), width, epsilon),
		torch.NewReducedAttention(p.Sub("attn"), width, n.heads[stage], ratio, torch.FanOutNormal(width*ratio*ratio)),
	}
	think := torch.Sequence{
		torch.NewLayerNorm(p.Sub("norm2"), width, epsilon), linear("fc1", width, wide), channelsBefore,
		torch.NewConv2D(mlp.Sub("dwconv"), wide, wide, 3, torch.Conv2DOptions{
			Padding: 1, Groups: wide, Bias: true, Init: torch.Normal(math.Sqrt(2. / 9)), BiasInit: torch.Constant(0),
		}),
		channelsBehind, torch.GELU, linear("fc2", wide, width),
	}
	return []torch.Module{
		skip{branch: look, depth: torch.StochasticDepth{Name: p.Name() + ".attn", P: depth}},
		skip{branch: think, depth: torch.StochasticDepth{Name: p.Name() + ".mlp", P: depth}},
	}
}

func (n pvt) groups() []string {
	return append([]string{"patch_embed"}, pyramidGroups(n.blocks, true)...)
}

// OtherNames lead to the names of whai362/PVT, whose stages have numbers from 1.
func (pvt) OtherNames() []func(string) string {
	return []func(string) string{func(name string) string {
		if rest, ok := strings.CutPrefix(name, "patch_embed."); ok {
			return "patch_embed1." + rest
		}
		at, rest, _ := strings.Cut(strings.TrimPrefix(name, "stages."), ".")
		i, err := strconv.Atoi(at)
		part, behind, _ := strings.Cut(rest, ".")
		number := strconv.Itoa(i + 1)
		switch {
		case err != nil:
		case part == "downsample":
			return "patch_embed" + number + "." + behind
		case part == "blocks":
			return "block" + number + "." + strings.Replace(behind, ".dwconv.", ".dwconv.dwconv.", 1)
		case part == "norm":
			return "norm" + number + "." + behind
		}
		return name
	}}
}

func (n PVTv2[N]) net() pvt {
	var which N
	net := which.pvt()
	net.depth = n.StochasticDepth
	return net
}

// Build makes the net under the path.
func (n PVTv2[N]) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net().build(p, channels)
}

// Groups names stem, stages, blocks and norms.
func (n PVTv2[N]) Groups() []string { return n.net().groups() }

// File is where the weights come from.
func (n PVTv2[N]) File() registry.Path { return n.Weights }

// Origin says whose names files have.
func (PVTv2[N]) Origin() string { return "the names of timm or of whai362/PVT" }

// OtherNames lead to the names of the authors.
func (n PVTv2[N]) OtherNames() []func(string) string { return n.net().OtherNames() }
