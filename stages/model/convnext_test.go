package model

import (
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
)

// TestNamesOfConvNeXtFiles: those of timm and of the authors.
func TestNamesOfConvNeXtFiles(t *testing.T) {
	t.Parallel()
	net := Sketch(plain(ConvNeXtTiny{}, "convnext_tiny"), Single(2))
	for name, want := range map[string][2]string{
		"features.0.0.weight":         {"stem.0.weight", "downsample_layers.0.0.weight"},
		"features.0.1.bias":           {"stem.1.bias", "downsample_layers.0.1.bias"},
		"features.1.2.layer_scale":    {"stages.0.blocks.2.gamma", "stages.0.2.gamma"},
		"features.5.8.block.0.weight": {"stages.2.blocks.8.conv_dw.weight", "stages.2.8.dwconv.weight"},
		"features.5.8.block.2.bias":   {"stages.2.blocks.8.norm.bias", "stages.2.8.norm.bias"},
		"features.3.0.block.3.weight": {"stages.1.blocks.0.mlp.fc1.weight", "stages.1.0.pwconv1.weight"},
		"features.7.1.block.5.bias":   {"stages.3.blocks.1.mlp.fc2.bias", "stages.3.1.pwconv2.bias"},
		"features.2.0.weight":         {"stages.1.downsample.0.weight", "downsample_layers.1.0.weight"},
		"features.6.1.bias":           {"stages.3.downsample.1.bias", "downsample_layers.3.1.bias"},
		"classifier.0.weight":         {"head.norm.weight", "norm.weight"},
	} {
		for i, of := range (ConvNeXtTiny{}).OtherNames() {
			if got := of(name); got != want[i] {
				t.Errorf("%s is %s, want %s", name, got, want[i])
			}
		}
		if !net.Holds(name) {
			t.Errorf("the net has no %s", name)
		}
	}
}

// TestFitOfConvNeXtFiles: a file of timm's, whose scales have one dimension, is of that net, and its last
// layer is left out.
func TestFitOfConvNeXtFiles(t *testing.T) {
	t.Parallel()
	d := statedict.Dict{Tensors: map[string]safetensors.Tensor{"net.head.fc.weight": {Shape: []int64{2, 768}}}}
	for name, tensor := range namesAndShapes("convnext_tiny", "").Tensors {
		if Selects(BackBone, name) {
			if strings.HasSuffix(name, "layer_scale") {
				tensor.Shape = tensor.Shape[:1]
			}
			d.Tensors["net."+convnextTimmName(name)] = tensor
		}
	}
	if got := fitting([]statedict.Dict{d}); got != "it fits convnext_tiny" {
		t.Error(got)
	}
}
