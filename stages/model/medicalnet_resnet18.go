package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("medicalnet_resnet18", "residual net of 18 layers for medical volumes (Chen et al. 2019, MedicalNet), as in MONAI: convolutions of 3×3×3 in all layers; the slices of stack are its depth", MedicalNetResNet18{Stride: 1})
}

// MedicalNetResNet18 is monai.networks.nets.resnet18 with spatial_dims=3, shortcut_type="A", without its last layer.
type MedicalNetResNet18 struct {
	Weights registry.Path `help:"what to begin from: a safetensors or .pth file with MedicalNet's names, such as its resnet_18_23dataset.pth; empty draws the weights"`
	Stride  int           `help:"of the first convolution: 1 as MONAI has it unless told otherwise (conv1_t_stride), or 2 as MedicalNet was trained, with an eighth of the work and memory" min:"1" max:"2"`
}

var medicalNet18 = medicalNet{blocks: [4]int{2, 2, 2, 2}, expansion: 1, branch: basicVolume, shortcut: padded}

// Build makes the net under the path.
func (r MedicalNetResNet18) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return medicalNet18.build(p, channels, r.Stride)
}

// Groups names stem, layers and blocks.
func (MedicalNetResNet18) Groups() []string { return medicalNet18.groups() }

// Volumes says that it sees the slices of an image as a volume.
func (MedicalNetResNet18) Volumes() {}

// Grey says that its weights are for one channel.
func (MedicalNetResNet18) Grey() {}

// File is where the weights come from.
func (r MedicalNetResNet18) File() registry.Path { return r.Weights }

// Origin says whose names its weights have.
func (MedicalNetResNet18) Origin() string { return medicalNetOrigin(18) }
