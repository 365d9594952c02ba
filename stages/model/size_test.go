package model

import (
	"errors"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// pictureFor is an image that is quickly seen: of 32 pixels, of DINOv2 28, of MaxViT 224.
func pictureFor(backbone registry.One[Backbone]) preprocess.Shape {
	if _, of14 := backbone.Part.(interface{ net() dinov2 }); of14 {
		return preprocess.Shape{Channels: 1, Height: 28, Width: 28}
	}
	if _, windows := backbone.Part.(MaxViTT); windows {
		return preprocess.Shape{Channels: 1, Height: 224, Width: 224}
	}
	if _, ok := backbone.Part.(Volumetric); ok {
		return preprocess.Shape{Channels: 32, Height: 32, Width: 32}
	}
	return preprocess.Shape{Channels: 1, Height: 32, Width: 32}
}

// Parameter counts are those of timm's vit_s_16 and ConvNeXt V2, and of MONAI's nets for medical volumes, which are
// MedicalNet's, without the last layers. TestShapesAreTorchvisions has torchvision's.
func TestMeasure(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int64{
		"vit_s_16":            21_665_664 - 192*384, // of images of 32 pixels, with 192 positions fewer
		"medicalnet_resnet10": 14_355_520, "medicalnet_resnet18": 32_986_176, "medicalnet_resnet34": 63_295_808, "medicalnet_resnet50": 46_155_072,
		"densenet121_3d": 11_242_624, "convnextv2_tiny": 27_866_496, "convnextv2_base": 87_692_800,
	} {
		backbone, _ := Backbones.Default(name)
		_, size := measured(t, backbone)
		if got := size.Count(func(name string) bool { return Selects(BackBone, name) }); got != want {
			t.Errorf("%s: got %d parameters, want %d", name, got, want)
		}
	}
}

// The seed trains what lies behind layer4.0: 8,925,184 parameters.
func TestMeasureGroups(t *testing.T) {
	t.Parallel()
	backbone, _ := Backbones.Default("resnet50")
	size, err := Measure(t.Context(), stage.Env{}, Config{Backbone: backbone, Input: Default.Input}, preprocess.Shape{Channels: 3, Height: 32, Width: 32}, Single(3))
	if err != nil {
		t.Fatal(err)
	}
	top := func(name string) bool { return Selects("layer4.1", name) || Selects("layer4.2", name) }
	if got := size.Count(top); got != 8_925_184 {
		t.Errorf("got %d", got)
	}
	// 2048 × 3 weights and 3 biases
	if got := size.Count(func(name string) bool { return Selects(TheHead, name) }); got != 6147 {
		t.Errorf("got %d", got)
	}
}

// A plain net by hand: 1×4×4 in, scaled (3 × 16), convolution to 2 channels
// (32), batch-norm (32, which only ReLU takes in), ReLU (32), pooling (2 × 4, and as
// many places), average (2, twice: flattened it is a view), last layer (5, twice:
// float32 in every precision).
func TestMeasureActivations(t *testing.T) {
	t.Parallel()
	cfg := Config{Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{2}}}, Input: Default.Input}
	size, err := Measure(t.Context(), stage.Env{}, cfg, preprocess.Shape{Channels: 1, Height: 4, Width: 4}, Single(5))
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(3*16 + 2*32 + 8 + 2 + 2 + 5 + 5); size.Activations != want || size.Places != 8 {
		t.Errorf("got %d numbers and %d places, want %d and 8", size.Activations, size.Places, want)
	}
}

func TestMeasureRefuses(t *testing.T) {
	t.Parallel()
	cfg := Default
	cfg.Backbone = registry.One[Backbone]{Name: "resnet18", Part: ResNet18{Weights: "testdata/none.pth"}}
	_, err := Measure(t.Context(), stage.Env{}, cfg, preprocess.Shape{Channels: 1, Height: 4, Width: 4}, Single(5))
	var fault stage.Fault
	if !errors.As(err, &fault) || !strings.Contains(fault.Hint, "or imagenet: weights that torchvision publishes") {
		t.Errorf("got %v, hint %q", err, fault.Hint)
	}
}

// TestMeasureOfTooSmallImages says what to do, and not only what libtorch does not like.
func TestMeasureOfTooSmallImages(t *testing.T) {
	t.Parallel()
	cfg := Default
	cfg.Backbone, _ = Backbones.Default("convnet")
	_, err := Measure(t.Context(), stage.Env{}, cfg, preprocess.Shape{Channels: 1, Height: 7, Width: 33}, Single(3))
	var fault stage.Fault
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), "images of 33 × 7 pixels do not get through: Given input size") || !strings.Contains(fault.Hint, "larger") {
		t.Errorf("got %v", err)
	}
}

// TestKeptByFusedAttention: of 12 blocks with 12 heads no number for each pair of 5 places.
func TestKeptByFusedAttention(t *testing.T) {
	t.Parallel()
	backbone, _ := Backbones.Default("vit_b_16")
	size, err := Measure(t.Context(), stage.Env{}, Config{Backbone: backbone, Input: Default.Input}, preprocess.Shape{Channels: 3, Height: 32, Width: 32}, Single(3))
	if err != nil {
		t.Fatal(err)
	}
	want := size.Activations
	if got, _ := size.Kept(DefaultCompute); got != want {
		t.Errorf("deterministic: %d numbers, want %d", got, want)
	}
	if torch.HasFusedAttention() {
		want -= 12 * 12 * 5 * 5
	}
	fast := DefaultCompute
	fast.Deterministic = false
	if got, _ := size.Kept(fast); got != want {
		t.Errorf("not deterministic: %d numbers, want %d", got, want)
	}
}
