package model

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
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

// loadBackbone begins from a file with torchvision's names; its last layer is
// for other classes and stays out. Releases lie in the folder.
func (n *Net) loadBackbone(s *torch.Scope, cfg Config, folder string) error {
	part, path := cfg.Backbone.Part, string(cfg.Backbone.Part.File())
	var err error
	if r, ok := cfg.Release(); ok {
		if path, err = r.Find(folder); err != nil {
			return fmt.Errorf("weights: %w", err)
		}
	}
	tensors, err := readWeights(path)
	if err != nil {
		return stage.Fault{Err: fmt.Errorf("weights: %w", err), Hint: weightsHint(part)}
	}
	if old, ok := part.(interface{ Renamed(string) string }); ok {
		tensors = renamed(tensors, old.Renamed)
	}
	if sized, ok := part.(interface {
		Fit(*torch.Scope, map[string]safetensors.Tensor) error
	}); ok {
		if err := sized.Fit(s, tensors); err != nil {
			return fmt.Errorf("weights %s: %w", path, err)
		}
	}
	if err := n.load(s, tensors, func(name string) bool { return Selects(BackBone, name) }); err != nil {
		return fmt.Errorf("weights %s: %w", path, err)
	}
	return nil
}

// weightsHint says what file is wanted, and which words stand for one.
func weightsHint(b Backbone) string {
	hint := "model.backbone takes a safetensors or .pth file with torchvision's names, such as a state_dict of torchvision.models"
	published, ok := b.(Published)
	if !ok {
		return hint
	}
	for _, r := range published.Releases() {
		hint += ", or " + r.Word
	}
	return hint + ": weights that torchvision publishes"
}

// renamed gives tensors of older files the names that their net has now.
func renamed(tensors map[string]safetensors.Tensor, name func(string) string) map[string]safetensors.Tensor {
	out := make(map[string]safetensors.Tensor, len(tensors))
	for old, t := range tensors {
		out[name(old)] = t
	}
	return out
}

func readWeights(path string) (map[string]safetensors.Tensor, error) {
	if strings.EqualFold(filepath.Ext(path), ".safetensors") {
		f, err := safetensors.Read(path)
		return f.Tensors, err
	}
	return torch.ReadPickle(path)
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
			return fmt.Errorf("%s has shape %v, the net wants %v", p.Name, t.Shape, p.Shape)
		default:
			s.Copy(p.Tensor, s.FromFloat32(t.Data, p.Shape...))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d tensors are not in the file, the first is %s", len(missing), missing[0])
	}
	return s.Err()
}
