package model

import (
	"errors"
	"math"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// placesOf is a task of so many targets on images of a shape.
func placesOf(shape preprocess.Shape, targets int) Task {
	rows, columns := Cells(shape)
	return Task{Targets: targets, Each: rows*columns + 1, Places: true}
}

func TestCells(t *testing.T) {
	t.Parallel()
	if rows, columns := Cells(preprocess.Shape{Height: 64, Width: 256}); rows != 16 || columns != 64 {
		t.Errorf("got %d rows of %d cells", rows, columns)
	}
}

// TestBackbonesFindPlaces: each backbone gives an answer for each cell, half of the chance at
// first for nowhere, and a gradient for every parameter; or it is refused, and one is named that
// is not.
func TestBackbonesFindPlaces(t *testing.T) {
	t.Parallel()
	shape, found := preprocess.Shape{Channels: 1, Height: 64, Width: 96}, 0
	for _, info := range Backbones.Parts() {
		backbone, _ := Backbones.Default(info.Name)
		cfg := Config{Backbone: backbone, Input: InputOf(backbone.Part)}
		net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 2, Seed: 1}, cfg, shape, placesOf(shape, 2))
		if _, volumes := backbone.Part.(Volumetric); volumes || strings.HasPrefix(info.Name, "vit") {
			var fault stage.Fault
			if !errors.As(err, &fault) || !strings.Contains(fault.Hint, "swin_t") {
				t.Errorf("%s: got %v", info.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", info.Name, err)
			continue
		}
		found++
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error { return trainsPlaces(t, s, net) }); err != nil {
			t.Errorf("%s: %v", info.Name, err)
		}
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	}
	if found == 0 {
		t.Error("no backbone finds places")
	}
}

func trainsPlaces(t *testing.T, s *torch.Scope, net *Net) error {
	t.Helper()
	const rows, columns = 16, 24
	withoutDepth(net.body)
	x := s.FromFloat32(fill("input", []int64{2, 1, 64, 96}), 2, 1, 64, 96)
	logits := net.Forward(&torch.Pass{Scope: s, Train: true, Seed: 1}, x)
	if info := s.Describe(logits); len(info.Shape) != 2 || info.Shape[0] != 2 || info.Shape[1] != 2*(rows*columns+1) || info.DType != torch.Float32 {
		t.Fatalf("%s: logits are %v", net.Groups[0], info)
	}
	each := s.Reshape(logits, 4, rows*columns+1)
	chances := s.Float64s(s.Softmax(each))
	for i := range 4 {
		if chance := chances[(i+1)*(rows*columns+1)-1]; !(math.Abs(chance-0.5) <= 0.03) {
			t.Errorf("nowhere has a chance of %g", chance)
		}
	}
	s.Backward(s.CrossEntropy(each, s.FromInt64([]int64{0, 384, 100, 7}, 4), torch.Tensor{}, torch.ReduceMean, 0))
	for _, p := range net.Store.Parameters {
		if p.Buffer {
			continue
		}
		if !Selects(TheHead, p.Name) && Narrowest(LayerNames(net.Groups), p.Name) == "" {
			t.Errorf("%s is in no group", p.Name)
		}
		sum := 0.0
		for _, g := range s.Float64s(s.Grad(p.Tensor)) {
			sum += math.Abs(g)
		}
		if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
			t.Errorf("%s: sizes of gradients add up to %g", p.Name, sum)
		}
	}
	return s.Err()
}

// withoutDepth turns stochastic depth off, by which a branch may be left out for all images.
func withoutDepth(layers torch.Sequence) {
	for i, m := range layers {
		switch m := m.(type) {
		case skip:
			m.depth.P = 0
			layers[i] = m
		case pyramid:
			for _, l := range m.levels {
				withoutDepth(l.layers)
			}
		}
	}
}
