package model

import (
	"math"
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

// TestWeightsOfVolumes: weights for three channels are made ones for one, which gives the same
// for a grey volume.
func TestWeightsOfVolumes(t *testing.T) {
	t.Parallel()
	colour := builtWith(t, "cpu", plain(MC318{}, "mc3_18"), 4)
	path := filepath.Join(t.TempDir(), "net.safetensors")
	var want []float64
	shape := []int64{2, 4, 24, 24}
	err := colour.engine.Do(t.Context(), func(s *torch.Scope) error {
		want = s.Float64s(colour.Forward(&torch.Pass{Scope: s}, s.FromFloat32(fill("input", shape), shape...)))
		return safetensors.Write(path, safetensors.File{Tensors: colour.Tensors(s)})
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := plain(MC318{Weights: registry.Path(path)}, "mc3_18")
	cfg.Input = Input{Channels: 1, Mean: []float64{0}, Std: []float64{1}}
	grey := builtWith(t, "cpu", cfg, 4)
	err = grey.engine.Do(t.Context(), func(s *torch.Scope) error {
		near(t, "logits of one channel", s.Float64s(grey.Forward(&torch.Pass{Scope: s}, s.FromFloat32(fill("input", shape), shape...))), want)
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestVolumesChannelsLast: another layout in memory gives the same, to rounding. Gradients of a
// deep net in float32 agree within some thousandths of their size.
func TestVolumesChannelsLast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		part  Backbone
		shape []int64 // behind the last layer batch norm needs several values, or rounding is all there is
	}{"r2plus1d_18": {R2Plus1D18{}, []int64{2, 4, 24, 24}}, "medicalnet_resnet18": {MedicalNetResNet18{Stride: 1}, []int64{4, 8, 32, 32}}} {
		channelsLast(t, plain(c.part, name), c.shape)
	}
}

func channelsLast(t *testing.T, cfg Config, shape []int64) {
	t.Helper()
	var logits, gradients [2][]float64
	for i, layout := range []string{"off", "on"} {
		net := builtWith(t, "cpu", cfg, int(shape[1]))
		compute := DefaultCompute
		compute.ChannelsLast = layout
		if err := net.Compute(t.Context(), stage.Env{Recorder: stage.Discard}, compute); err != nil {
			t.Fatal(err)
		}
		err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			z := net.Forward(&torch.Pass{Scope: s, Train: true}, s.FromFloat32(fill("input", shape), shape...))
			s.Backward(s.Mean(s.Mul(z, z)))
			logits[i], gradients[i] = s.Float64s(z), s.Float64s(s.Grad(net.Store.Parameters[0].Tensor))
			return s.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	near(t, cfg.Backbone.Name+": logits", logits[1], logits[0])
	apart, norm := 0.0, 0.0
	for i, want := range gradients[0] {
		d := gradients[1][i] - want
		apart, norm = apart+d*d, norm+want*want
	}
	if norm == 0 || !(math.Sqrt(apart) <= 2e-2*math.Sqrt(norm)) {
		t.Errorf("%s: gradients of the stem are %g of their size apart", cfg.Backbone.Name, math.Sqrt(apart/norm))
	}
}

// TestVolumesOfViews: each view is a volume of its own, whose features stand beside those of
// the next.
func TestVolumesOfViews(t *testing.T) {
	t.Parallel()
	cfg := plain(MC318{}, "mc3_18")
	cfg.Views, cfg.Input = "shared", Input{Channels: 1, Mean: []float64{0.25}, Std: []float64{0.5}}
	net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Seed: 1}, cfg, preprocess.Shape{Channels: 8, Height: 24, Width: 24}, Task{Views: 2, Targets: 1, Each: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	shape := []int64{1, 8, 24, 24}
	err = net.engine.Do(t.Context(), func(s *torch.Scope) error {
		x, body := s.FromFloat32(fill("input", shape), shape...), net.body[:len(net.body)-1]
		both := s.Float64s(body.Forward(&torch.Pass{Scope: s}, net.enter(&torch.Pass{Scope: s}, x)))
		var each []float64
		for view := range 2 {
			v := s.Scale(s.Columns(x, []int{4 * view, 4*view + 1, 4*view + 2, 4*view + 3}), s.FromFloat32([]float32{2}, 1), s.FromFloat32([]float32{-0.5}, 1))
			features := net.body[:len(net.body)-2].Forward(&torch.Pass{Scope: s}, s.Reshape(v, 1, 1, 4, 24, 24))
			each = append(each, s.Float64s(features)...)
		}
		near(t, "features", both, each)
		if slices.Equal(each[:512], each[512:]) {
			t.Error("both views have the same features")
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestVolumesFit(t *testing.T) {
	t.Parallel()
	cfg := plain(R3D18{}, "r3d_18")
	for want, task := range map[string]Task{"sees volumes, and an image here is one slice": {Views: 4, Targets: 1, Each: 2}, "sees all slices of a volume at once": {Slices: 4, Targets: 1, Each: 2}} {
		if err := cfg.fits(4, task); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := cfg.fits(4, Single(2)); err != nil {
		t.Error(err)
	}
}
