package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("r2plus1d_18", "residual net of 18 layers for volumes (Tran et al. 2018), as in torchvision: convolutions within slices and through them by turns; the slices of stack are its depth", R2Plus1D18{})
}

// R2Plus1D18 is torchvision.models.video.r2plus1d_18 without its last layer.
type R2Plus1D18 struct {
	Weights registry.Path `help:"what to begin from: torchvision's weights of videos (Kinetics-400), or a safetensors or .pth file with its names; empty draws the weights" words:"kinetics400"`
}

var netR2Plus1D18 = videoResNet{
	stem:  splitStem,
	convs: [4]func(p torch.Path, in, middle, out, stride int64) torch.Sequence{splitConv, splitConv, splitConv, splitConv},
	deep:  [4]bool{true, true, true, true},
}

// Build makes the net under the path.
func (R2Plus1D18) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return netR2Plus1D18.build(p, channels)
}

// Groups names stem, layers and blocks.
func (R2Plus1D18) Groups() []string { return netR2Plus1D18.groups() }

// Volumes says that it sees the slices of an image as a volume.
func (R2Plus1D18) Volumes() {}

// File is where the weights come from.
func (r R2Plus1D18) File() registry.Path { return r.Weights }

// Releases are KINETICS400_V1.
func (R2Plus1D18) Releases() []Release {
	return []Release{{Word: "kinetics400", File: "r2plus1d_18-91a641e6.pth", MiB: 120.318, Mean: kineticsMean, Std: kineticsStd}}
}
