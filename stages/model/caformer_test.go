package model

import (
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
)

// TestCAFormerFiles: files of timm and of the authors give timm's features and gradients
// (testdata/caformer.py).
func TestCAFormerFiles(t *testing.T) {
	t.Parallel()
	var all struct {
		Widths [4]int64
		Blocks [4]int
		Cases  map[string]smallCase
	}
	parity.Read(t, "testdata/caformer.json", &all)
	net := caformer{widths: all.Widths, blocks: all.Blocks}
	for name, c := range all.Cases {
		t.Run(name, func(t *testing.T) { c.compare(t, net) })
	}
	net.depth = 0.3
	inOtherWays(t, net, 64)
}

// TestFitOfCAFormerFiles: a file with its last layer is told with the net that it is of.
func TestFitOfCAFormerFiles(t *testing.T) {
	t.Parallel()
	for i, name := range (CAFormer[caformerS18]{}).OtherNames() {
		d := statedict.Dict{Tensors: map[string]safetensors.Tensor{"head.fc.fc2.weight": {Shape: []int64{3, 2048}}, "head.fc2.weight": {Shape: []int64{3, 2048}}}}
		for ours, tensor := range namesAndShapes("caformer_s18", "").Tensors {
			if Selects(BackBone, ours) {
				d.Tensors[name(ours)] = tensor
			}
		}
		delete(d.Tensors, map[int]string{0: "head.fc2.weight", 1: "head.fc.fc2.weight"}[i])
		if got := fitting([]statedict.Dict{d}); got != "it fits caformer_s18" {
			t.Errorf("names %d: %s", i, got)
		}
	}
}
