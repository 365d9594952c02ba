package model

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// namesAndShapes are what a file of a backbone has, without numbers.
func namesAndShapes(name, prefix string) statedict.Dict {
	one, _ := Backbones.Default(name)
	d := statedict.Dict{Tensors: map[string]safetensors.Tensor{}}
	for _, p := range Sketch(Config{Backbone: one, Input: InputOf(one.Part)}, Single(2)).net.Store.Parameters {
		d.Tensors[prefix+p.Name] = safetensors.Tensor{Shape: p.Shape}
	}
	return d
}

// TestFitting: a file of a backbone is of that one, and of no other.
func TestFitting(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"resnet34", "densenet121", "convnext_small", "swin_s", "swin_v2_s", "maxvit_t", "pvt_v2_b4", "regnet_y_3_2gf", "vit_b_16", "vit_l_16", "dinov2_vits14", "dinov2_vitb14_reg", "efficientnet_b1", "medicalnet_resnet18", "mc3_18"} {
		if got := fitting([]statedict.Dict{namesAndShapes(name, "module.")}); got != "it fits "+name {
			t.Errorf("%s: %s", name, got)
		}
	}
	other := statedict.Dict{Tensors: tensorsNamed("embedder.weight")}
	if got := fitting([]statedict.Dict{other}); got != "it fits none of the backbones" {
		t.Errorf("of another net: %s", got)
	}
}

// TestFileOfAnotherNet is told what it is of: where names are others, and where shapes are.
func TestFileOfAnotherNet(t *testing.T) {
	t.Parallel()
	files, _ := dinov2Files(t)
	path := registry.Path(files["timm"].write(t))
	for what, part := range map[string]Backbone{"names": ResNet18{Weights: path}, "shapes": DINOv2[dinov2ViTS14]{Weights: path}} {
		cfg := plain(part, "net")
		_, err := Measure(t.Context(), stage.Env{}, cfg, pictureFor(cfg.Backbone), Single(2))
		if err == nil || !strings.Contains(err.Error(), "; it fits none of the backbones") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestStandsFor: what lies in the place of weights is told, whatever the file is called.
func TestStandsFor(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:0\n": "is a pointer of Git LFS",
		"\n<!DOCTYPE html><html>404</html>":                          "is a web page",
		"<html lang=en>":                                             "is a web page",
	} {
		for _, name := range []string{"net.pth", "net.safetensors"} {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, _, err := readWeights(path, "", 0); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
}

// TestLeftOutBeside: of a file with several nets it is told what else it has, but for those that
// could be taken instead.
func TestLeftOutBeside(t *testing.T) {
	t.Parallel()
	f := found{prefix: "visual.trunk.", names: []string{"visual.trunk.conv1.weight"}, others: []string{"state.average.trunk"}, dict: statedict.Dict{Path: "state", Tensors: tensorsNamed(
		"visual.trunk.conv1.weight", "visual.trunk.fc.weight", "visual.head.proj.weight", "text.transformer.layer.0.weight", "text.proj.weight", "logit_scale", "average.trunk.conv1.weight")}}
	if got, want := f.leftOut(), []string{"fc", "logit_scale", "text", "visual.head"}; !slices.Equal(got, want) {
		t.Errorf("left out are %q, want %q", got, want)
	}
}

// TestGreyStem: of grey images' nets the first kernel is made one for three channels, a third each; of
// a grouped one it is not.
func TestGreyStem(t *testing.T) {
	t.Parallel()
	grey := safetensors.Tensor{Shape: []int64{2, 1, 1, 2}, Data: []float32{3, 6, 9, 12}}
	if got, want := forChannels(grey, 3).Data, []float32{1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for first, want := range map[bool]bool{true: true, false: false} {
		if got := isStem(grey.Shape, []int64{2, 3, 1, 2}, first); got != want {
			t.Errorf("first %v: %v", first, got)
		}
	}
}
