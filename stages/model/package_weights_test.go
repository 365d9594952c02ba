package model

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/packages"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestWeightsOfPackages: a net begins from the first net of a package, or from the one that is
// named; what a package lacks, or that it is damaged, is told.
func TestWeightsOfPackages(t *testing.T) {
	t.Parallel()
	fold := 0
	build := func(file string) (*Net, error) {
		return Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Fold: fold}, Config{
			Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4}, Weights: registry.Path(file)}},
			Input:    Input{Channels: 1, Mean: []float64{0}, Std: []float64{1}},
		}, preprocess.Shape{Channels: 1, Height: 8, Width: 8}, Single(3))
	}
	tensorsOf := func(net *Net) (out map[string]safetensors.Tensor) {
		t.Helper()
		if err := net.Engine().Do(t.Context(), func(s *torch.Scope) error { out = net.Tensors(s); return s.Err() }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	first, err := build("")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	m := packages.Manifest{Run: packages.Run{ID: "x", Experiment: "experiment.yaml", Image: &packages.Image{}}}
	parts := []packages.Content{{Name: packages.CardName, Make: func() ([]byte, error) { return []byte("x"), nil }}, {Name: "experiment.yaml", Make: func() ([]byte, error) { return []byte("x"), nil }}}
	var folds []map[string]safetensors.Tensor
	for fold := 1; fold <= 2; fold++ {
		tensors := tensorsOf(first)
		for _, tensor := range tensors {
			for i := range tensor.Data {
				tensor.Data[i] = float32(fold) + float32(i)/100
			}
		}
		folds = append(folds, tensors)
		net := packages.Net{Weights: fmt.Sprintf("weights/fold-%d.safetensors", fold), Fold: fold, Probe: []float32{1}}
		m.Run.Nets = append(m.Run.Nets, net)
		parts = append(parts, packages.Content{Name: net.Weights, Make: func() ([]byte, error) {
			var out bytes.Buffer
			err := safetensors.Encode(&out, safetensors.File{Tensors: tensors})
			return out.Bytes(), err
		}})
	}
	path := filepath.Join(t.TempDir(), "model.zip")
	if _, err := packages.Write(t.Context(), path, m, parts); err != nil {
		t.Fatal(err)
	}
	for inside, want := range map[string]int{"": 0, "#fold-1": 0, "#fold-2": 1} {
		net, err := build(path + inside)
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		for name, tensor := range tensorsOf(net) {
			if same := slices.Equal(tensor.Data, folds[want][name].Data); same != Selects(BackBone, name) {
				t.Errorf("%q: %s is the package's: %v", inside, name, same)
			}
		}
	}
	for number, want := range map[int]int{2: 1, 3: 0} { // of another number the first, as of none
		fold = number
		net, err := build(path)
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		if name := "blocks.0.conv.weight"; !slices.Equal(tensorsOf(net)[name].Data, folds[want][name].Data) {
			t.Errorf("fold %d does not begin from fold %d", number, want+1)
		}
	}
	fold = 0
	if _, err := build(path + "#fold-3"); err == nil || !strings.Contains(err.Error(), "has no net fold-3; it has fold-1, fold-2") {
		t.Errorf("got %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[bytes.Index(data, []byte("F32"))] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := build(path); err == nil || !strings.Contains(err.Error(), "its part weights/fold-1.safetensors") {
		t.Errorf("damaged: got %v", err)
	}
}
