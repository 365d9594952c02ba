package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("r3d_18", "residual net of 18 layers for volumes (Tran et al. 2018), as in torchvision: convolutions of 3×3×3 in all layers; the slices of stack are its depth", R3D18{})
}

// R3D18 is torchvision.models.video.r3d_18 without its last layer.
type R3D18 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of videos (Kinetics-400), or a safetensors or .pth file with its names; empty draws the weights" words:"kinetics400"`
}

var netR3D18 = videoResNet{
	stem:  deepStem,
	convs: [4]func(p torch.Path, in, middle, out, stride int64) torch.Sequence{deepConv, deepConv, deepConv, deepConv},
	deep:  [4]bool{true, true, true, true},
}

// Build makes the net under the path.
func (R3D18) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return netR3D18.build(p, channels)
}

// Groups names stem, layers and blocks.
func (R3D18) Groups() []string { return netR3D18.groups() }

// Volumes says that it sees the slices of an image as a volume.
func (R3D18) Volumes() {}

// File is where the weights come from.
func (r R3D18) File() registry.Path { return r.Weights }

// Releases are KINETICS400_V1.
func (R3D18) Releases() []Release {
	return []Release{{Word: "kinetics400", File: "r3d_18-b3b3357e.pth", MiB: 127.359, Mean: kineticsMean, Std: kineticsStd}}
}
