package model

import (
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// dinov2File is a small net of testdata/dinov2_files.py.
type dinov2File struct {
	Tensors       map[string][]int64
	Height, Width int
	Features      [][]float64
	Gradient      [2]float64 // by the images: norm and probe
	Registers     [2]float64 // by the registers
	tight
}

// dinov2Files are all of them, and the net that they are of.
func dinov2Files(t *testing.T) (files map[string]dinov2File, net dinov2) {
	t.Helper()
	var all struct {
		Width, Heads int64
		Layers       int
		Cases        map[string]dinov2File
	}
	parity.Read(t, "testdata/dinov2_files.json", &all)
	return all.Cases, dinov2{grid: grid{width: all.Width, before: 1}, heads: all.Heads, layers: all.Layers}
}

// write makes the file, with numbers by the names of its tensors.
func (c dinov2File) write(t *testing.T) string {
	t.Helper()
	tensors := map[string]safetensors.Tensor{}
	for name, shape := range c.Tensors {
		tensors[name] = safetensors.Tensor{Shape: shape, Data: fill(name, shape)}
	}
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := safetensors.Write(path, safetensors.File{Tensors: tensors}); err != nil {
		t.Fatal(err)
	}
	return path
}

func (c dinov2File) registers() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(c.Tensors)), func(name string) bool { return strings.Contains(name, "reg") })
}

// TestDINOv2Files: files of the authors, of timm and of Hugging Face give their features, also for
// images that the positions are resized for.
func TestDINOv2Files(t *testing.T) {
	t.Parallel()
	files, plainNet := dinov2Files(t)
	for name, c := range files {
		net := plainNet
		if net.file = registry.Path(c.write(t)); c.registers() {
			net.before = 5
		}
		cfg := plain(net, "dinov2")
		cfg.Input.Channels = 3
		kept := &events{Recorder: stage.Discard}
		built, err := Build(t.Context(), stage.Env{Recorder: kept, Device: "cpu", Threads: 1, Seed: 1}, cfg, preprocess.Shape{Channels: 3, Height: c.Height, Width: c.Width}, Single(2))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := built.engine.Do(t.Context(), func(s *torch.Scope) error {
			x := s.FromFloat32(fill("input", []int64{2, 3, int64(c.Height), int64(c.Width)}), 2, 3, int64(c.Height), int64(c.Width))
			s.RequireGrad(x, true)
			features := built.Penultimate(&torch.Pass{Scope: s, Train: true}, x)
			near(t, name+": features", s.Float64s(features), flat(c.Features))
			s.Backward(s.Mean(features))
			tight{}.check(t, "input", s.Float64s(s.Grad(x)), map[string][2]float64{"input": c.Gradient})
			if registers, ok := built.Store.Get("register_tokens"); ok {
				tight{}.check(t, "input", s.Float64s(s.Grad(registers.Tensor)), map[string][2]float64{"input": c.Registers})
			}
			if c.Gradients != nil {
				c.weights(t, s, built)
				c.looked(t, s, built, x)
			}
			return s.Err()
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(kept.texts) > 0 {
			t.Errorf("%s: told %q", name, kept.texts)
		}
		if err := built.Close(); err != nil {
			t.Error(err)
		}
	}
}

// weights compares the gradients by every weight.
func (c dinov2File) weights(t *testing.T, s *torch.Scope, net *Net) {
	for _, p := range net.Store.Parameters {
		if Selects(BackBone, p.Name) {
			c.check(t, p.Name, s.Float64s(s.Grad(p.Tensor)), c.Gradients)
		}
	}
	if got, want := len(net.Store.Parameters), len(c.Gradients)+2; got != want { // with the last layer
		t.Errorf("the net has %d parameters, the reference %d", got, want)
	}
}

// looked compares what Grad-CAM looks at.
func (c dinov2File) looked(t *testing.T, s *torch.Scope, net *Net, x torch.Tensor) {
	p := &torch.Pass{Scope: s, Watch: true}
	var features torch.Tensor
	s.NoGrad(func() { features = net.Penultimate(p, x) })
	s.Backward(s.Mean(features))
	c.check(t, "maps", s.Float64s(p.Maps), c.Watched)
	c.check(t, "maps", s.Float64s(s.Grad(p.Maps)), map[string][2]float64{"maps": c.Watched["gradient"]})
}

// TestDINOv2Registers: a file with registers begins no net without, nor the other way round.
func TestDINOv2Registers(t *testing.T) {
	t.Parallel()
	files, plainNet := dinov2Files(t)
	for name, want := range map[string]string{
		"facebook":                "1 of 49 tensors are not in the file, the first is register_tokens; it has blocks.0.attn.proj.bias",
		"hugging face":            "1 of 49 tensors are not in the file, the first is register_tokens; it has embeddings.",
		"timm, registers":         "it is of a net with registers; it fits",
		"hugging face, registers": "it is of a net with registers; it fits",
	} {
		net := plainNet
		if net.file = registry.Path(files[name].write(t)); !files[name].registers() {
			net.before = 5
		}
		_, err := Measure(t.Context(), stage.Env{}, plain(net, "dinov2"), preprocess.Shape{Channels: 3, Height: 56, Width: 56}, Single(2))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// TestViTOfHuggingFace: files of ViTModel give its features (testdata/vit_hugging_face.py).
func TestViTOfHuggingFace(t *testing.T) {
	t.Parallel()
	var c dinov2File
	parity.Read(t, "testdata/vit_hugging_face.json", &c)
	net := vit{grid: grid{width: 12, before: 1}, heads: 3, layers: 3, file: registry.Path(c.write(t))}
	cfg := plain(net, "vit")
	kept := &events{Recorder: stage.Discard}
	built, err := Build(t.Context(), stage.Env{Recorder: kept, Device: "cpu", Threads: 1, Seed: 1}, cfg, preprocess.Shape{Channels: 3, Height: c.Height, Width: c.Width}, Single(2))
	if err != nil {
		t.Fatal(err)
	}
	if err := built.engine.Do(t.Context(), func(s *torch.Scope) error {
		x := s.FromFloat32(fill("input", []int64{2, 3, 64, 64}), 2, 3, 64, 64)
		near(t, "features", s.Float64s(built.Penultimate(&torch.Pass{Scope: s}, x)), flat(c.Features))
		return s.Err()
	}); err != nil {
		t.Error(err)
	}
	if len(kept.texts) != 1 || !strings.HasSuffix(kept.texts[0], "left out: pooler") {
		t.Errorf("told %q", kept.texts)
	}
	if err := built.Close(); err != nil {
		t.Error(err)
	}
}

// TestImagesOfPatches14 names the sides that are nearest.
func TestImagesOfPatches14(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		height, width int
		hint          string
	}{
		{100, 100, "14 in preprocess, 98 or 112 in place of 100: resize: {pixels: 98}"},
		{224, 256, "14 in preprocess, 252 or 266 in place of 256: resize: {pixels: 252}"},
		{230, 512, "14 in preprocess, 504 or 518 in place of 512, and 224 or 238 in place of 230: resize: {pixels: 518}"},
		{8, 8, "14 in preprocess, 14 in place of 8: resize: {pixels: 14}"},
	} {
		_, err := DINOv2[dinov2ViTS14]{}.For(c.height, c.width)
		fault, ok := err.(stage.Fault)
		if !ok || !strings.HasSuffix(fault.Hint, c.hint) {
			t.Errorf("%d × %d: %v, hint %q", c.width, c.height, err, fault.Hint)
		}
	}
}

// TestDINOv2Releases have addresses of their own, unless a folder of a closed network is named.
func TestDINOv2Releases(t *testing.T) {
	t.Parallel()
	cfg := plain(DINOv2[dinov2ViTS14Reg]{Weights: "lvd142m"}, "dinov2_vits14_reg")
	r, ok := cfg.Release()
	if !ok || len(r.SHA256) != 64 || !(math.Abs(r.MiB-84.2) < 0.1) {
		t.Errorf("got %v, %v", r, ok)
	}
	for folder, want := range map[string]string{
		Torchvision:             "https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_reg4_pretrain.pth",
		"http://mirror.here/w/": "http://mirror.here/w/dinov2_vits14_reg4_pretrain.pth",
	} {
		if got := r.URL(folder); got != want {
			t.Errorf("below %s: %s, want %s", folder, got, want)
		}
	}
	if hint := WeightsHint(cfg.Backbone.Part); !strings.HasSuffix(hint, "or lvd142m: weights that Facebook publishes") {
		t.Errorf("hint %q", hint)
	}
}
