package model

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// medicalNetFile writes a file as those of MedicalNet are: module. before the names, and the
// layers that segment behind.
func medicalNetFile(t *testing.T, part Backbone, name string) (string, *Net) {
	t.Helper()
	net := builtWith(t, "cpu", plain(part, name), 4)
	named := map[string]safetensors.Tensor{"module.conv_seg.0.weight": {Shape: []int64{1}, Data: []float32{1}}}
	path := filepath.Join(t.TempDir(), "resnet_23dataset.safetensors")
	err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
		for name, tensor := range net.Tensors(s) {
			if Selects(BackBone, name) {
				named["module."+name] = tensor
			}
		}
		return errors.Join(s.Err(), safetensors.Write(path, safetensors.File{Tensors: named}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return path, net
}

// TestWeightsOfMedicalNet: a net of three channels sees in a grey volume what one of the file's
// single channel sees, and both tell what of the file they leave out.
func TestWeightsOfMedicalNet(t *testing.T) {
	t.Parallel()
	path, first := medicalNetFile(t, MedicalNetResNet10{Stride: 2}, "medicalnet_resnet10")
	shape := []int64{1, 4, 24, 24}
	features := func(net *Net) (out []float64) {
		err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			p := &torch.Pass{Scope: s}
			out = s.Float64s(net.Features(p, s.FromFloat32(fill("input", shape), shape...), len(net.body)-1))
			return s.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := features(first)
	for channels, told := range map[int]string{
		1: ": 60 tensors below module; left out: conv_seg",
		3: ": 60 tensors below module; conv1.weight made for 3 channels of its 1; left out: conv_seg",
	} {
		cfg := plain(MedicalNetResNet10{Weights: registry.Path(path), Stride: 2}, "medicalnet_resnet10")
		cfg.Input.Channels = channels
		kept := &events{Recorder: stage.Discard}
		net, err := Build(t.Context(), stage.Env{Recorder: kept, Device: "cpu", Seed: 9}, cfg, preprocess.Shape{Channels: 4, Height: 24, Width: 24}, Single(3))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "features", features(net), want)
		if len(kept.texts) != 1 || !strings.HasSuffix(kept.texts[0], told) {
			t.Errorf("%d channels: told %q, want %q", channels, kept.texts, told)
		}
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestWeightsOfAnotherMedicalNet: a file of fewer layers lacks some, and the hint names the file
// that fits.
func TestWeightsOfAnotherMedicalNet(t *testing.T) {
	t.Parallel()
	path, _ := medicalNetFile(t, MedicalNetResNet10{Stride: 2}, "medicalnet_resnet10")
	cfg := plain(MedicalNetResNet18{Weights: registry.Path(path), Stride: 2}, "medicalnet_resnet18")
	_, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu"}, cfg, preprocess.Shape{Channels: 4, Height: 24, Width: 24}, Single(3))
	var fault stage.Fault
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), "tensors are not in the file, the first is layer1.1.conv1.weight") ||
		!strings.Contains(fault.Hint, "MedicalNet's names, such as resnet_18_23dataset.pth") {
		t.Errorf("got %v, hint %q", err, fault.Hint)
	}
}

// TestPaddedShortcut: every other place of a volume, and zeros for the channels that are new;
// no gradient comes back.
func TestPaddedShortcut(t *testing.T) {
	t.Parallel()
	onCPU(t, func(s *torch.Scope) {
		x := s.FromFloat32([]float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, 1, 1, 2, 3, 3)
		s.RequireGrad(x, true)
		y := padded(torch.Path{}, 1, 3, 2).Forward(&torch.Pass{Scope: s, Train: true}, x)
		near(t, "places", s.Float64s(y), []float64{0, 2, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0})
		if s.Describe(y).RequiresGrad {
			t.Error("a gradient goes back through it")
		}
	})
}

// TestSmallVolumes: a net that halves volumes five times wants large ones, and says so.
func TestSmallVolumes(t *testing.T) {
	t.Parallel()
	cfg := plain(DenseNet1213D{}, "densenet121_3d")
	env := stage.Env{Recorder: stage.Discard, Device: "cpu"}
	for _, shape := range []preprocess.Shape{{Channels: 28, Height: 32, Width: 32}, {Channels: 32, Height: 28, Width: 32}, {Channels: 32, Height: 32, Width: 28}} {
		_, err := Build(t.Context(), env, cfg, shape, Single(2))
		if err == nil || !strings.Contains(err.Error(), "wants 29 slices of 29 × 29 pixels or more, and here are") {
			t.Errorf("%v: got %v", shape, err)
		}
	}
	cfg.Views = "shared"
	least := preprocess.Shape{Channels: 58, Height: 29, Width: 29}
	if _, err := Measure(t.Context(), env, cfg, least, Task{Views: 2, Targets: 1, Each: 2}); err != nil {
		t.Error(err)
	}
	least.Width = 28
	_, err := Measure(t.Context(), env, cfg, least, Task{Views: 2, Targets: 1, Each: 2})
	if err == nil || !strings.Contains(err.Error(), "volumes of 29 × 29 × 28 places do not get through") {
		t.Errorf("got %v", err)
	}
}

// What the backward pass keeps of a volume of 32 × 64 × 64, in millions of numbers, as PyTorch
// 2.11 does of MONAI's nets: see TestActivationsOfBackbones. Pooling in two steps, for the same
// bits each time, keeps besides what lies between.
func TestActivationsOfVolumes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		part    Backbone
		want    float64
		between float64 // numbers, and as many places of 8 bytes
	}{
		{"medicalnet_resnet10", MedicalNetResNet10{Stride: 1}, 25.972, 64 * 32 * 32 * 32 / 1e6},
		{"medicalnet_resnet18", MedicalNetResNet18{Stride: 1}, 31.200, 64 * 32 * 32 * 32 / 1e6},
		{"medicalnet_resnet50", MedicalNetResNet50{Stride: 2}, 10.903, 64 * 16 * 16 * 16 / 1e6},
		{"densenet121_3d", DenseNet1213D{}, 14.868, 64 * 16 * 16 * 16 / 1e6},
	} {
		size, err := Measure(t.Context(), stage.Env{}, plain(c.part, c.name), preprocess.Shape{Channels: 32, Height: 64, Width: 64}, Single(3))
		if err != nil {
			t.Fatal(err)
		}
		fast := DefaultCompute
		fast.Deterministic = false
		for want, compute := range map[float64]Compute{c.want: fast, c.want + 3*c.between: DefaultCompute} {
			numbers, places := size.Kept(compute)
			if got := float64(numbers+2*places) / 1e6; got < 0.985*want || got > 1.015*want {
				t.Errorf("%s, deterministic %v: %.3f million numbers, want %.3f", c.name, compute.Deterministic, got, want)
			}
		}
	}
}

// TestMedicalVolumesInLowPrecision: nets whose pooling libtorch may not have in bf16 on every
// device compute and train in it all the same. Unrelated logits would lie 1.4 times their size
// apart.
func TestMedicalVolumesInLowPrecision(t *testing.T) {
	t.Parallel()
	shape := []int64{3, 32, 32, 32}
	for name, part := range map[string]Backbone{"medicalnet_resnet10": MedicalNetResNet10{Stride: 2}, "medicalnet_resnet18": MedicalNetResNet18{Stride: 2}, "densenet121_3d": DenseNet1213D{}} {
		net := builtWith(t, "cpu", plain(part, name), 32)
		err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			x := s.FromFloat32(fill("input", shape), shape...)
			for _, train := range []bool{true, false} {
				net.precision = torch.FP32
				want := s.Float64s(net.Forward(&torch.Pass{Scope: s, Train: train}, x))
				net.precision = torch.BF16
				low := net.Forward(&torch.Pass{Scope: s, Train: train}, x)
				norm, apart := 0.0, 0.0
				for i, v := range s.Float64s(low) {
					norm, apart = norm+want[i]*want[i], apart+(v-want[i])*(v-want[i])
				}
				if !(apart < norm) || apart == 0 {
					t.Errorf("%s, training %v: bf16 differs by %g of %g", name, train, math.Sqrt(apart), math.Sqrt(norm))
				}
				if train {
					s.Backward(s.Mean(low))
				}
			}
			return s.Err()
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
