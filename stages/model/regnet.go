package model

import (
	"strconv"
	"strings"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// RegNet is a net of Radosavovic et al. 2020 ("Designing network design spaces") with
// squeeze-and-excitation, as torchvision has it, without its last layer. N says which.
type RegNet[N regNetNet] struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of ImageNet, or a safetensors or .pth file with its names, timm's or Hugging Face's; empty draws the weights" words:"imagenet imagenet_v1"`
}

// regNetNet is one of the family.
type regNetNet interface{ regNet() regNet }

// regNet is torchvision.models.RegNet, with its names.
type regNet struct {
	widths   [4]int64 // of stages
	blocks   [4]int
	group    int64 // channels of a group of the 3×3 convolutions
	releases []Release
}

// regNetStem is the stem's channels.
const regNetStem = 32

var regNetNorm = normShape{eps: 1e-5, momentum: 0.1}

func (n regNet) build(p torch.Path, channels int64) (torch.Module, int64) {
	net := convNorm(p.Sub("stem"), channels, regNetStem, convShape{kernel: 3, stride: 2}, regNetNorm, torch.ReLU)
	in := int64(regNetStem)
	for i, width := range n.widths {
		for j := range n.blocks[i] {
			stride := int64(2)
			if j > 0 {
				stride = 1
			}
			net = append(net, n.block(p.Sub(regNetBlock(i, j)), in, width, stride))
			in = width
		}
	}
	return append(net, torch.GlobalAverage), in
}

// regNetBlock is what a block of a stage is called.
func regNetBlock(i, j int) string {
	stage := strconv.Itoa(i + 1)
	return "trunk_output.block" + stage + ".block" + stage + "-" + strconv.Itoa(j)
}

// block makes a bottleneck as wide within as without, whose squeeze-and-excitation goes through a
// quarter of the channels that the block takes in.
func (n regNet) block(p torch.Path, in, width, stride int64) torch.Module {
	f, point := p.Sub("f"), convShape{kernel: 1, stride: 1}
	r := residual{branch: convNorm(f.Sub("a"), in, width, point, regNetNorm, torch.ReLU)}
	r.branch = append(r.branch, convNorm(f.Sub("b"), width, width, convShape{kernel: 3, stride: stride, groups: width / n.group}, regNetNorm, torch.ReLU)...)
	r.branch = append(r.branch, newExcitation(f.Sub("se"), width, in/4, (*torch.Pass).ReLU, (*torch.Pass).Sigmoid))
	r.branch = append(r.branch, convNorm(f.Sub("c"), width, width, point, regNetNorm, nil)...)
	if stride != 1 || in != width {
		r.shortcut = convNorm(p.Sub("proj"), in, width, convShape{kernel: 1, stride: stride}, regNetNorm, nil)
	}
	return r
}

func (n regNet) groups() []string {
	groups := []string{"stem", "trunk_output"}
	for i, blocks := range n.blocks {
		groups = append(groups, "trunk_output.block"+strconv.Itoa(i+1))
		for j := range blocks {
			groups = append(groups, regNetBlock(i, j))
		}
	}
	return groups
}

// OtherNames lead to the names of timm and of Hugging Face.
func (regNet) OtherNames() []func(string) string {
	return []func(string) string{regNetNames{
		stem: "stem", block: func(i, j int) string { return "s" + strconv.Itoa(i) + ".b" + strconv.Itoa(j+1) }, conv: "conv", norm: "bn",
		parts: strings.NewReplacer("f.a.", "conv1.", "f.b.", "conv2.", "f.se.", "se.", "f.c.", "conv3.", "proj.", "downsample."),
	}.of, regNetNames{
		stem: "embedder.embedder", block: func(i, j int) string { return "encoder.stages." + strconv.Itoa(i-1) + ".layers." + strconv.Itoa(j) }, conv: "convolution", norm: "normalization",
		parts: strings.NewReplacer("f.a.", "layer.0.", "f.b.", "layer.1.", "f.se.fc1.", "layer.2.attention.0.", "f.se.fc2.", "layer.2.attention.2.", "f.c.", "layer.3.", "proj.", "shortcut."),
	}.of}
}

// regNetNames are those of another library; stages count from 1 and their blocks from 0.
type regNetNames struct {
	stem       string
	block      func(i, j int) string
	conv, norm string
	parts      *strings.Replacer
}

// of names trunk_output.block2.block2-0.f.a.0.weight.
func (r regNetNames) of(name string) string {
	ends := strings.NewReplacer(".0.", "."+r.conv+".", ".1.", "."+r.norm+".")
	if rest, ok := strings.CutPrefix(name, "stem"); ok {
		return r.stem + ends.Replace(rest)
	}
	_, behind, ok := strings.Cut(name, "-")
	number, rest, _ := strings.Cut(behind, ".")
	stage, _, _ := strings.Cut(strings.TrimPrefix(name, "trunk_output.block"), ".")
	i, wrong := strconv.Atoi(stage)
	j, alsoWrong := strconv.Atoi(number)
	if !ok || wrong != nil || alsoWrong != nil {
		return name
	}
	return r.block(i, j) + "." + r.parts.Replace(ends.Replace(rest))
}

func (n RegNet[N]) net() regNet {
	var which N
	return which.regNet()
}

// Build makes the net under the path.
func (n RegNet[N]) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net().build(p, channels)
}

// Groups names stem, stages and blocks.
func (n RegNet[N]) Groups() []string { return n.net().groups() }

// File is where the weights come from.
func (n RegNet[N]) File() registry.Path { return n.Weights }

// Origin says whose names files have.
func (RegNet[N]) Origin() string {
	return "the names of torchvision, timm or Hugging Face's RegNetModel"
}

// OtherNames lead to the names of other libraries.
func (n RegNet[N]) OtherNames() []func(string) string { return n.net().OtherNames() }

// Releases are IMAGENET1K_V2, which torchvision calls the default, and IMAGENET1K_V1.
func (n RegNet[N]) Releases() []Release { return n.net().releases }

// from is the net with its weights of ImageNet, of both trainings, which are as large.
func (n regNet) from(second, first string, mib float64) regNet {
	n.releases = []Release{{Word: "imagenet", File: second, MiB: mib}, {Word: "imagenet_v1", File: first, MiB: mib}}
	return n
}
