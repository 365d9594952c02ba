// Package model builds nets: a backbone with torchvision's names and numerics,
// and a head that the experiment chooses.
package model

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// Backbone turns an image into features.
type Backbone interface {
	// Build makes the backbone's parameters under the path. The module makes
	// features_BF of images_BCHW; features is F.
	Build(p torch.Path, channels int64) (m torch.Module, features int64)
	// Groups names the parameter groups from stem to head, without building.
	Groups() []string
	// File is where the first weights come from, or the word of a release; "" draws them.
	File() registry.Path
}

// Layer is one layer of a head.
type Layer interface {
	// Build makes the layer for in features and says how many come out.
	Build(p torch.Path, in int64) (m torch.Module, out int64)
}

// Pool makes features of the last maps of a backbone.
type Pool interface {
	// Build makes its parameters under the path. The module makes features_BF of maps_BFHW.
	Build(p torch.Path) torch.Module
}

// The parts that a model is made of.
var (
	Backbones = registry.New[Backbone]("backbone")
	Pools     = registry.New[Pool]("pooling of places")
	Layers    = registry.New[Layer]("layer")
)

// Config is the section model of an experiment.
type Config struct {
	Backbone      registry.One[Backbone] `help:"turns an image into features"`
	Lora          *Lora                  `help:"puts a correction of low rank beside linear layers of the backbone (LoRA), which train.phases call lora: train: [lora, head] trains these and leaves the backbone as it was. null: none"`
	Pool          registry.One[Pool]     `help:"how the places of the backbone's last maps become one"`
	Head          []registry.One[Layer]  `help:"layers between the backbone and the last, linear one"`
	Views         string                 `help:"how a sample's views enter: as channels of one image (channels), or each by itself through the same backbone, whose features then lie side by side (shared)" oneof:"channels shared"`
	Slices        *registry.One[Pooling] `help:"lets each slice of the step stack through the backbone by itself, and pools their features; with views: channels also each view. null: they are channels of one image"`
	SliceChannels int                    `help:"with slices: 1 shows the backbone each slice alone; an odd number, that of model.input.channels, with its neighbours beside it" min:"1" max:"255"`
	Covariates    Beside                 `help:"how what data.covariates names joins the features of the image"`
	Last          string                 `help:"the last layer: each output has weights of its own (linear), or all of one target share theirs and differ by their bias alone, as the head of CORAL (shared)" oneof:"linear shared"`
	Input         Input                  `help:"how pixels in [0, 1] enter the net: the same for training, validation and test"`
}

// Default is a ResNet-18 with torchvision's input: ImageNet's mean and spread.
var Default = Config{
	Backbone:      registry.One[Backbone]{Name: "resnet18", Part: ResNet18{}},
	Pool:          registry.One[Pool]{Name: "average", Part: AveragePool{}},
	Views:         "channels",
	SliceChannels: 1,
	Covariates:    Beside{Units: 32},
	Last:          "linear",
	Input:         Input{Channels: 3, Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225}, TrainScale: 1},
}
