package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Backbones.Add("medicalnet_resnet50", "residual net of 50 layers in bottleneck blocks for medical volumes (Chen et al. 2019, MedicalNet), as in MONAI: convolutions of 3×3×3 in all layers; the slices of stack are its depth", MedicalNetResNet50{Stride: 1})
}

// MedicalNetResNet50 is monai.networks.nets.resnet50 with spatial_dims=3, shortcut_type="B" and bias_downsample=False, without its last layer.
type MedicalNetResNet50 struct {
	Weights registry.Path `help:"what to begin from: a safetensors or .pth file with MedicalNet's names, such as its resnet_50_23dataset.pth; empty draws the weights"`
	Stride  int           `help:"of the first convolution: 1 as MONAI has it unless told otherwise (conv1_t_stride), or 2 as MedicalNet was trained, with an eighth of the work and memory" min:"1" max:"2"`
}

var medicalNet50 = medicalNet{blocks: [4]int{3, 4, 6, 3}, expansion: 4, branch: bottleneckVolume, shortcut: projected}

// Build makes the net under the path.
func (r MedicalNetResNet50) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return medicalNet50.build(p, channels, r.Stride)
}

// Groups names stem, layers and blocks.
func (MedicalNetResNet50) Groups() []string { return medicalNet50.groups() }

// Volumes says that it sees the slices of an image as a volume.
func (MedicalNetResNet50) Volumes() {}

// Grey says that its weights are for one channel.
func (MedicalNetResNet50) Grey() {}

// File is where the weights come from.
func (r MedicalNetResNet50) File() registry.Path { return r.Weights }

// Origin says whose names its weights have.
func (MedicalNetResNet50) Origin() string { return medicalNetOrigin(50) }
