package model

import (
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
)

// TestNamesOfTransformers5: tensors that torch.save wrote have the names that the same net's
// save_pretrained gives them (testdata/hugging_face_names.py), and a file of these names is left alone.
func TestNamesOfTransformers5(t *testing.T) {
	t.Parallel()
	var all struct {
		Nets map[string]map[string]string
	}
	parity.Read(t, "testdata/hugging_face_names.json", &all)
	for kind, names := range all.Nets {
		saved, stored := statedict.Dict{Tensors: map[string]safetensors.Tensor{}}, statedict.Dict{Tensors: map[string]safetensors.Tensor{}}
		for name, other := range names {
			tensor := safetensors.Tensor{Data: []float32{float32(len(saved.Tensors))}}
			saved.Tensors[name], stored.Tensors[other] = tensor, tensor
		}
		for what, d := range map[string]statedict.Dict{"torch.save": saved, "save_pretrained": stored} {
			got := asStored(d)
			for name, want := range stored.Tensors {
				if tensor, there := got.Tensors[name]; !there || !slices.Equal(tensor.Data, want.Data) {
					t.Errorf("%s, %s: %s is not the tensor of that name", kind, what, name)
				}
			}
			if len(got.Tensors) != len(stored.Tensors) || len(stored.Tensors) < 30 {
				t.Errorf("%s, %s: %d tensors", kind, what, len(got.Tensors))
			}
		}
	}
}
