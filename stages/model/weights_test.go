package model

import (
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestWeightsOfAnotherShapeAreRefused, also where there are as many numbers: laid out
// otherwise they are another net's.
func TestWeightsOfAnotherShapeAreRefused(t *testing.T) {
	t.Parallel()
	net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu"}, Config{
		Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4}}},
		Head:     []registry.One[Layer]{{Name: "dense", Part: Dense{Units: 6}}},
		Input:    Input{Channels: 1, Mean: []float64{0}, Std: []float64{1}},
	}, preprocess.Shape{Channels: 1, Height: 8, Width: 8}, Single(3))
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	load := func(shape ...int64) error {
		return net.Engine().Do(t.Context(), func(s *torch.Scope) error {
			tensors := net.Tensors(s)
			tensors["head.0.weight"] = safetensors.Tensor{Shape: shape, Data: tensors["head.0.weight"].Data}
			return net.Load(s, tensors)
		})
	}
	if err := load(6, 4); err != nil {
		t.Error(err)
	}
	if err := load(4, 6); err == nil || !strings.Contains(err.Error(), "head.0.weight has shape [4 6], the net wants [6 4]") {
		t.Errorf("transposed: got %v", err)
	}
}
