package model

import (
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
)

// Tensors copies every parameter and buffer to the host, by name.
func (n *Net) Tensors(s *torch.Scope) map[string]safetensors.Tensor {
	out := map[string]safetensors.Tensor{}
	for _, p := range n.Store.Parameters {
		out[p.Name] = safetensors.Tensor{Shape: p.Shape, Data: s.Float32s(p.Tensor)}
	}
	return out
}

// Load overwrites every parameter and buffer from tensors of the same names.
func (n *Net) Load(s *torch.Scope, tensors map[string]safetensors.Tensor) error {
	return n.load(s, tensors, func(string) bool { return true })
}

func (n *Net) load(s *torch.Scope, tensors map[string]safetensors.Tensor, wanted func(string) bool) error {
	var missing []string
	for _, p := range n.Store.Parameters {
		if !wanted(p.Name) {
			continue
		}
		t, ok := tensors[p.Name]
		switch {
		case !ok:
			missing = append(missing, p.Name)
		case len(t.Data) != p.Elements() || !slices.Equal(t.Shape, p.Shape):
			return misfit{fmt.Errorf("%s has shape %v, the net wants %v", p.Name, t.Shape, p.Shape)}
		default:
			s.Copy(p.Tensor, s.FromFloat32(t.Data, p.Shape...))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d tensors are not in the file, the first is %s", len(missing), missing[0])
	}
	return s.Err()
}

// Backbone copies the parameters and buffers of the backbone to the host, by name: what nets with
// other heads begin with.
func (n *Net) Backbone(s *torch.Scope) map[string]safetensors.Tensor {
	out := n.Tensors(s)
	maps.DeleteFunc(out, func(name string, _ safetensors.Tensor) bool { return !inFile(name) })
	return out
}

// LoadBackbone overwrites the parameters and buffers of the backbone alone. What corrects its layers
// stays as it is.
func (n *Net) LoadBackbone(s *torch.Scope, tensors map[string]safetensors.Tensor) error {
	return n.load(s, tensors, inFile)
}
