package model

import (
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
)

// TestRegNetFiles: files of torchvision, timm and Hugging Face give these libraries' features and
// gradients (testdata/regnet.py).
func TestRegNetFiles(t *testing.T) {
	t.Parallel()
	var all struct {
		Widths [4]int64
		Blocks [4]int
		Group  int64
		Cases  map[string]smallCase
	}
	parity.Read(t, "testdata/regnet.json", &all)
	for name, c := range all.Cases {
		t.Run(name, func(t *testing.T) { c.compare(t, regNet{widths: all.Widths, blocks: all.Blocks, group: all.Group}) })
	}
}

// TestFitOfRegNetFiles: a file of another library is told with the net that it is of.
func TestFitOfRegNetFiles(t *testing.T) {
	t.Parallel()
	for i, name := range (RegNet[regNetY800MF]{}).OtherNames() {
		d := statedict.Dict{Tensors: map[string]safetensors.Tensor{}}
		for ours, tensor := range namesAndShapes("regnet_y_800mf", "").Tensors {
			if Selects(BackBone, ours) {
				d.Tensors["net."+name(ours)] = tensor
			}
		}
		if got := fitting([]statedict.Dict{d}); got != "it fits regnet_y_800mf" {
			t.Errorf("names %d: %s", i, got)
		}
	}
}
