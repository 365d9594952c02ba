package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("mc3_18", "residual net of 18 layers for volumes (Tran et al. 2018), as in torchvision: convolutions of 3×3×3 in the first layers, of 1×3×3 in the others, which keeps the depth; the slices of stack are its depth", MC318{})
}

// MC318 is torchvision.models.video.mc3_18 without its last layer.
type MC318 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of videos (Kinetics-400), or a safetensors or .pth file with its names; empty draws the weights" words:"kinetics400"`
}

var netMC318 = videoResNet{
	stem:  deepStem,
	convs: [4]func(p torch.Path, in, middle, out, stride int64) torch.Sequence{deepConv, flatConv, flatConv, flatConv},
	deep:  [4]bool{true, false, false, false},
}

// Build makes the net under the path.
func (MC318) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return netMC318.build(p, channels)
}

// Groups names stem, layers and blocks.
func (MC318) Groups() []string { return netMC318.groups() }

// Volumes says that it sees the slices of an image as a volume.
func (MC318) Volumes() {}

// File is where the weights come from.
func (r MC318) File() registry.Path { return r.Weights }

// Releases are KINETICS400_V1.
func (MC318) Releases() []Release {
	return []Release{{Word: "kinetics400", File: "mc3_18-a90a0ba3.pth", MiB: 44.672, Mean: kineticsMean, Std: kineticsStd}}
}
