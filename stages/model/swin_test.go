package model

import (
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// TestSwinOfMMPretrain: a file with MMPretrain's names and orders gives the logits that its
// SwinTransformer gives (testdata/swin_mmpretrain.py), also one of its older files, whose last
// norm has no number.
func TestSwinOfMMPretrain(t *testing.T) {
	t.Parallel()
	var ref struct {
		Logits [][]float64
		Names  map[string][]int64
	}
	parity.Read(t, "testdata/swin_mmpretrain.json", &ref)
	for what, rename := range map[string]func(string) string{
		"new": func(s string) string { return s },
		"old": func(s string) string { return strings.Replace(s, ".norm3.", ".norm.", 1) },
	} {
		tensors := map[string]safetensors.Tensor{"head.fc.weight": {Shape: []int64{2, 768}, Data: make([]float32, 2*768)}}
		for name, shape := range ref.Names {
			tensors[rename(name)] = safetensors.Tensor{Shape: shape, Data: fill(name, shape)}
		}
		path := filepath.Join(t.TempDir(), "swin.safetensors")
		if err := safetensors.Write(path, safetensors.File{Tensors: tensors}); err != nil {
			t.Fatal(err)
		}
		net := build(t, plain(SwinT{Weights: registry.Path(path)}, "swin_t"))
		err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			for _, name := range []string{"fc.weight", "fc.bias"} {
				p, _ := net.Store.Get(name)
				s.Copy(p.Tensor, s.FromFloat32(fill(p.Name, p.Shape), p.Shape...))
			}
			x := s.FromFloat32(fill("input", []int64{1, 3, 224, 224}), 1, 3, 224, 224)
			s.NoGrad(func() { near(t, what, s.Float64s(net.Forward(&torch.Pass{Scope: s}, x)), flat(ref.Logits)) })
			return s.Err()
		})
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestPlacesFirst: of two channels, each with its four places row by row.
func TestPlacesFirst(t *testing.T) {
	t.Parallel()
	got := placesFirst(safetensors.Tensor{Shape: []int64{1, 8}, Data: []float32{100, 101, 110, 111, 200, 201, 210, 211}})
	want := []float32{100, 200, 110, 210, 101, 201, 111, 211} // place by place, column by column
	for i, v := range want {
		if got.Data[i] != v {
			t.Fatalf("got %v, want %v", got.Data, want)
		}
	}
}
