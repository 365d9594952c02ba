package model

import (
	"strconv"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// CAFormer is a net of Yu et al. 2024 ("MetaFormer baselines for vision") as timm has it, without its last
// layer: two stages of convolutions, and two of attention. N says which.
type CAFormer[N caformerNet] struct {
	Weights         registry.Path `help:"safetensors or .pth file with the names of timm or of sail-sg/metaformer to begin from; empty draws the weights"`
	StochasticDepth float64       `help:"share of the samples that go without the last block in training; it falls to 0 at the first block" min:"0" under:"1"`
}

// caformerNet is one of the family.
type caformerNet interface{ caformer() caformer }

// caformer is timm's MetaFormer with these mixers, with its names but for the head's: there these are
// those of torchvision's classifiers.
type caformer struct {
	widths [4]int64
	blocks [4]int
	depth  float64 // of stochastic depth at the last block; it rises from 0 at the first
}

// caformerHead is the width of a head of attention.
const caformerHead = 32

func (n caformer) build(p torch.Path, channels int64) (torch.Module, int64) {
	stem := p.Sub("stem")
	net := torch.Sequence{caformerConv(stem.Sub("conv"), channels, n.widths[0], torch.Conv2DOptions{Stride: 4, Padding: 2, Bias: true}, 7)}
	net = append(net, bareNorm2D(stem.Sub("norm"), n.widths[0])...)
	done, all := 0, 0
	for _, blocks := range n.blocks {
		all += blocks
	}
	for i, width := range n.widths {
		stage := p.Sub("stages").Sub(strconv.Itoa(i))
		if i > 0 {
			down := stage.Sub("downsample")
			net = append(net, bareNorm2D(down.Sub("norm"), n.widths[i-1])...)
			net = append(net, caformerConv(down.Sub("conv"), n.widths[i-1], width, torch.Conv2DOptions{Stride: 2, Padding: 1, Bias: true}, 3))
		}
		layers := torch.Sequence{}
		for j := range n.blocks[i] {
			layers = append(layers, n.block(stage.Sub("blocks").Sub(strconv.Itoa(j)), width, i >= 2, n.depth*float64(done)/float64(all-1))...)
			done++
		}
		if i >= 2 {
			layers = append(append(torch.Sequence{channelsBehind}, layers...), channelsBefore)
		}
		net = append(net, layers...)
	}
	last, width := p.Sub("classifier"), n.widths[3]
	return append(net, torch.GlobalAverage, torch.NewLayerNorm(last.Sub("0"), width, epsilon),
		torch.NewLinearOf(last.Sub("fc1"), width, 4*width, torch.Normal(0.02), torch.Constant(0)), torch.Func(squaredReLU),
		torch.NewLayerNorm(last.Sub("norm"), 4*width, epsilon)), 4 * width
}

// caformerConv is a convolution drawn from N(0, 0.02²).
func caformerConv(p torch.Path, in, out int64, o torch.Conv2DOptions, kernel int64) *torch.Conv2D {
	o.Init, o.BiasInit = torch.Normal(0.02), torch.Constant(0)
	return torch.NewConv2D(p, in, out, kernel, o)
}

// bareNorm2D is layer-norm without bias over the channels of maps_BCHW.
func bareNorm2D(p torch.Path, channels int64) torch.Sequence {
	return torch.Sequence{channelsBehind, torch.NewBareLayerNorm(p, channels, epsilon), channelsBefore}
}

// block mixes places, and then the channels of each. With attention it is of maps_BHWC, and skips are
// scaled by channels.
func (n caformer) block(p torch.Path, width int64, attention bool, depth float64) []torch.Module {
	skips := []skip{n.mixer(p.Sub("token_mixer"), p.Sub("norm1"), width, attention), n.mlp(p.Sub("mlp"), p.Sub("norm2"), width, attention)}
	var out []torch.Module
	for i, k := range skips {
		if number := strconv.Itoa(i + 1); attention {
			k.shortcut = torch.Sequence{scaled{p.Sub("res_scale"+number).Parameter("scale", torch.Constant(1), width)}}
		}
		k.depth.P = depth
		out = append(out, k)
	}
	return out
}

// mixer is attention, or a separable convolution of twice the channels.
func (n caformer) mixer(p, norm torch.Path, width int64, attention bool) skip {
	k := skip{depth: torch.StochasticDepth{Name: p.Name()}}
	if attention {
		k.branch = torch.Sequence{torch.NewBareLayerNorm(norm, width, epsilon), mapAttention{torch.NewQKVAttention(p, width, width/caformerHead, torch.Normal(0.02), nil)}}
		return k
	}
	wide := 2 * width
	k.branch = append(bareNorm2D(norm, width), caformerConv(p.Sub("pwconv1"), width, wide, torch.Conv2DOptions{}, 1), newStarReLU(p.Sub("act1")),
		caformerConv(p.Sub("dwconv"), wide, wide, torch.Conv2DOptions{Padding: 3, Groups: wide}, 7), caformerConv(p.Sub("pwconv2"), wide, width, torch.Conv2DOptions{}, 1))
	return k
}

// mlp is a net of each place without biases.
func (n caformer) mlp(p, norm torch.Path, width int64, behind bool) skip {
	k := skip{depth: torch.StochasticDepth{Name: p.Name()}}
	if behind {
		k.branch = torch.Sequence{torch.NewBareLayerNorm(norm, width, epsilon), torch.NewLinearOf(p.Sub("fc1"), width, 4*width, torch.Normal(0.02), nil),
			newStarReLU(p.Sub("act")), torch.NewLinearOf(p.Sub("fc2"), 4*width, width, torch.Normal(0.02), nil)}
		return k
	}
	k.branch = append(bareNorm2D(norm, width), caformerConv(p.Sub("fc1"), width, 4*width, torch.Conv2DOptions{}, 1), newStarReLU(p.Sub("act")),
		caformerConv(p.Sub("fc2"), 4*width, width, torch.Conv2DOptions{}, 1))
	return k
}

// mapAttention lets all places of maps_BHWC look at one another.
type mapAttention struct{ inner *torch.SelfAttention }

// Forward makes maps_BHWC of maps_BHWC.
func (m mapAttention) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return torch.Tensor{}
	}
	rows := p.Reshape(p.Passing(x), -1, shape[1]*shape[2], shape[3])
	seen := m.inner.Forward(p, rows)
	p.Drop(rows)
	maps := p.Reshape(seen, -1, shape[1], shape[2], shape[3])
	p.Discard(seen)
	return maps
}

// Fixed says whether nothing of it is trained.
func (m mapAttention) Fixed() bool { return m.inner.Fixed() }

func (n caformer) groups() []string {
	groups := append([]string{"stem"}, pyramidGroups(n.blocks, false)...)
	return append(groups, "classifier.0", "classifier.fc1", "classifier.norm")
}

// pyramidGroups are those of nets whose stages have what halves maps, blocks, and perhaps a norm.
func pyramidGroups(blocks [4]int, norms bool) []string {
	groups := []string{"stages"}
	for i, n := range blocks {
		stage := "stages." + strconv.Itoa(i)
		if groups = append(groups, stage); i > 0 {
			groups = append(groups, stage+".downsample")
		}
		for j := range n {
			groups = append(groups, stage+".blocks."+strconv.Itoa(j))
		}
		if norms {
			groups = append(groups, stage+".norm")
		}
	}
	return groups
}

func (n CAFormer[N]) net() caformer {
	var which N
	net := which.caformer()
	net.depth = n.StochasticDepth
	return net
}

// Build makes the net under the path.
func (n CAFormer[N]) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net().build(p, channels)
}

// Groups names stem, stages, blocks and what is behind the pooling.
func (n CAFormer[N]) Groups() []string { return n.net().groups() }

// File is where the weights come from.
func (n CAFormer[N]) File() registry.Path { return n.Weights }

// Origin says whose names files have.
func (CAFormer[N]) Origin() string { return "the names of timm or of sail-sg/metaformer" }

// OtherNames lead to the names of timm and of the authors.
func (n CAFormer[N]) OtherNames() []func(string) string { return n.net().OtherNames() }

// Reorder makes convolutions of the authors' linear layers.
func (n CAFormer[N]) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	n.net().Reorder(names, tensors)
}
