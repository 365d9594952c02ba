package model

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// keep writes weights of a net whose numbers are all this, as a run keeps them.
func keep(t *testing.T, path string, of map[string]safetensors.Tensor, number float32) {
	t.Helper()
	tensors := map[string]safetensors.Tensor{}
	for name, tensor := range of {
		tensors[name] = safetensors.Tensor{Shape: tensor.Shape, Data: slices.Repeat([]float32{number}, len(tensor.Data))}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := safetensors.Write(path, safetensors.File{Tensors: tensors}); err != nil {
		t.Fatal(err)
	}
}

// TestWeightsOfRuns: a net begins from a run's folder; of a cross-validation from the net of the
// same fold, and from none of others.
func TestWeightsOfRuns(t *testing.T) {
	t.Parallel()
	config := func(path string) Config {
		return Config{Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4}, Weights: registry.Path(path)}}, Input: Input{Channels: 1, Mean: []float64{0}, Std: []float64{1}}}
	}
	shape := preprocess.Shape{Channels: 1, Height: 8, Width: 8}
	begin := func(path string, fold int) (tensors map[string]safetensors.Tensor, err error) {
		net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Fold: fold}, config(path), shape, Single(3))
		if err != nil {
			return nil, err
		}
		defer net.Close()
		err = net.Engine().Do(t.Context(), func(s *torch.Scope) error { tensors = net.Tensors(s); return s.Err() })
		return tensors, err
	}
	like, err := begin("", 0)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	keep(t, filepath.Join(root, "one", "best.safetensors"), like, 1)
	keep(t, filepath.Join(root, "final", "best.safetensors"), like, 1)
	keep(t, filepath.Join(root, "final", "final.safetensors"), like, 2)
	keep(t, filepath.Join(root, "cv", "fold-1", "best.safetensors"), like, 3)
	keep(t, filepath.Join(root, "cv", "fold-2", "best.safetensors"), like, 4)
	keep(t, filepath.Join(root, "cv", "fold-2", "final.safetensors"), like, 5)
	keep(t, filepath.Join(root, "none", "last.safetensors"), like, 6)
	for _, c := range []struct {
		path string
		fold int
		want float32
		text string // of the error
	}{
		{"one", 0, 1, ""}, {"one", 2, 1, ""}, {"final", 0, 2, ""}, {"cv", 1, 3, ""}, {"cv", 2, 5, ""}, {"cv/fold-1", 2, 3, ""}, {"cv/fold-2/best.safetensors", 1, 4, ""},
		{"cv", 3, 0, "cv has no net of fold 3, but of folds 1, 2"}, {"cv", 0, 0, "cv has nets of folds 1, 2, and here are no folds"}, {"none", 0, 0, "has no weights: neither final.safetensors nor best.safetensors"},
	} {
		path := filepath.Join(root, c.path)
		got, err := begin(path, c.fold)
		if foresaw := config(path).WeightsFile(c.fold); (foresaw == nil) != (err == nil) {
			t.Errorf("%s, fold %d: foreseen %v, came %v", c.path, c.fold, foresaw, err)
		}
		switch name := "blocks.0.conv.weight"; {
		case c.text != "":
			if err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s, fold %d: got %v, want %s", c.path, c.fold, err, c.text)
			}
		case err != nil || got[name].Data[0] != c.want:
			t.Errorf("%s, fold %d: got %v, %v, want %v", c.path, c.fold, got[name].Data, err, c.want)
		}
	}
	if size, err := Measure(t.Context(), stage.Env{}, config(filepath.Join(root, "cv")), shape, Single(3)); err != nil || !strings.Contains(size.WeightsNote, "those of fold-1") {
		t.Errorf("check says %q, %v", size.WeightsNote, err)
	}
	one, err := config(filepath.Join(root, "cv")).WeightsSum()
	if err != nil || len(strings.Fields(one)) != 3 {
		t.Fatalf("the folds are %q, %v", one, err)
	}
	keep(t, filepath.Join(root, "cv", "fold-2", "final.safetensors"), like, 7)
	if other, err := config(filepath.Join(root, "cv")).WeightsSum(); err != nil || other == one {
		t.Errorf("other weights are %q, %v", other, err)
	}
}
