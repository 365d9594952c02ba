package model

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// TestCenterCrop takes the middle that torchvision takes (testdata/center_crop.py).
func TestCenterCrop(t *testing.T) {
	t.Parallel()
	var ref struct {
		Cases []struct{ Height, Width, Side, First, Last int }
	}
	parity.Read(t, "testdata/center_crop.json", &ref)
	onCPU(t, func(s *torch.Scope) {
		for _, c := range ref.Cases {
			var pixels []float32
			for i := range c.Height * c.Width {
				pixels = append(pixels, float32(i))
			}
			got := s.Float64s(Input{CenterCrop: c.Side}.Crop(s, s.FromFloat32(pixels, 1, 1, int64(c.Height), int64(c.Width)), 1))
			if len(got) != c.Side*c.Side || int(got[0]) != c.First || int(got[len(got)-1]) != c.Last {
				t.Errorf("%+v: got %v", c, got)
			}
		}
	})
}

// TestNetsSeeTheMiddle of images, in training and otherwise: what lies around it changes nothing,
// and the size is that of the middle.
func TestNetsSeeTheMiddle(t *testing.T) {
	t.Parallel()
	cfg := plain(ViTS16{Features: "class"}, "vit_s_16")
	cfg.Input.CenterCrop = 32
	shape := preprocess.Shape{Channels: 1, Height: 37, Width: 40}
	net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 1, Seed: 1}, cfg, shape, Single(3))
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	if err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
		pixels := fill("input", []int64{1, 1, 37, 40})
		answer := func(train bool, pixels []float32) []float64 {
			return s.Float64s(net.Forward(&torch.Pass{Scope: s, Train: train}, s.FromFloat32(pixels, 1, 1, 37, 40)))
		}
		framed := slices.Clone(pixels)
		for i := range framed {
			if row, column := i/40, i%40; row < 2 || row >= 34 || column < 4 || column >= 36 {
				framed[i] = 9
			}
		}
		for _, train := range []bool{false, true} {
			if got, want := answer(train, framed), answer(train, pixels); !slices.Equal(got, want) {
				t.Errorf("training %v: got %v, want %v", train, got, want)
			}
		}
		framed[2*40+4] = 9
		if slices.Equal(answer(false, framed), answer(false, pixels)) {
			t.Error("the first pixel of the middle is not seen")
		}
		return s.Err()
	}); err != nil {
		t.Fatal(err)
	}
	whole, _ := Measure(t.Context(), stage.Env{}, plain(ViTS16{Features: "class"}, "vit_s_16"), preprocess.Shape{Channels: 1, Height: 32, Width: 32}, Single(3))
	if size, err := Measure(t.Context(), stage.Env{}, cfg, shape, Single(3)); err != nil || size.Activations != whole.Activations {
		t.Errorf("%d activations, want %d: %v", size.Activations, whole.Activations, err)
	}
	cfg.Input.CenterCrop = 30
	_, err = cfg.For(shape)
	if fault := (stage.Fault{}); !errors.As(err, &fault) || !strings.Contains(fault.Hint, "model.input.center_crop") {
		t.Errorf("got %v: %+v", err, fault)
	}
	cfg.Input.CenterCrop = 48
	if _, err := Measure(t.Context(), stage.Env{}, cfg, shape, Single(3)); err == nil || !strings.Contains(err.Error(), "images have 40 × 37 pixels, and no middle of 48 × 48") {
		t.Errorf("got %v", err)
	}
}
