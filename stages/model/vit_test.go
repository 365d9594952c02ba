package model

import (
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// TestPositionsAreResized as torchvision's interpolate_embeddings does (testdata/vit.py).
func TestPositionsAreResized(t *testing.T) {
	t.Parallel()
	var all struct {
		Cases []struct {
			Side, Down, Across int64
			Want               []float64
		}
	}
	parity.Read(t, "testdata/vit.json", &all)
	const width = 4
	onCPU(t, func(s *torch.Scope) {
		for _, c := range all.Cases {
			n := (c.Side*c.Side + 1) * width
			file := map[string]safetensors.Tensor{vitPositions: {Shape: []int64{1, n / width, width}}}
			for _, v := range u("positions", int(n)) {
				file[vitPositions] = safetensors.Tensor{Shape: file[vitPositions].Shape, Data: append(file[vitPositions].Data, float32(v))}
			}
			if err := (vit{grid: grid{width: width, down: c.Down, across: c.Across, before: 1}}).Fit(s, file); err != nil {
				t.Fatal(err)
			}
			got := file[vitPositions]
			if want := c.Down*c.Across + 1; got.Shape[1] != want {
				t.Errorf("%d × %d: shape %v", c.Down, c.Across, got.Shape)
			}
			near(t, "positions", s.Float64s(s.FromFloat32(got.Data, int64(len(got.Data)))), c.Want)
		}
	})
}

// TestPositionsThatAreNoSquare fit the images that they were made for, and no others.
func TestPositionsThatAreNoSquare(t *testing.T) {
	t.Parallel()
	onCPU(t, func(s *torch.Scope) {
		file := map[string]safetensors.Tensor{vitPositions: {Shape: []int64{1, 7, 4}, Data: make([]float32, 28)}}
		if err := (vit{grid: grid{width: 4, down: 2, across: 3, before: 1}}).Fit(s, file); err != nil {
			t.Error(err)
		}
		err := (vit{grid: grid{width: 4, down: 2, across: 4, before: 1}}).Fit(s, file)
		if err == nil || !strings.Contains(err.Error(), "6 patches, which are no square: they fit no images of 64 × 32") {
			t.Errorf("got %v", err)
		}
	})
}

// TestNamesOfFiles: the net's names lead to those of timm and of torchvision's first files.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	for old, want := range map[string]string{
		"cls_token": "class_token", "pos_embed": "encoder.pos_embedding", "patch_embed.proj.bias": "conv_proj.bias", "norm.weight": "encoder.ln.weight",
		"blocks.0.norm1.weight": "0.ln_1.weight", "blocks.11.norm2.bias": "11.ln_2.bias", "blocks.3.attn.qkv.weight": "3.self_attention.in_proj_weight",
		"blocks.3.attn.proj.bias": "3.self_attention.out_proj.bias", "blocks.9.mlp.fc1.weight": "9.mlp.0.weight", "blocks.9.mlp.fc2.bias": "9.mlp.3.bias",
		"encoder.layers.encoder_layer_5.mlp.linear_1.bias": "5.mlp.0.bias", "encoder.layers.encoder_layer_5.mlp.linear_2.weight": "5.mlp.3.weight",
		"encoder.layers.encoder_layer_5.ln_1.weight": "5.ln_1.weight",
	} {
		if layer, rest, _ := strings.Cut(want, "."); layer[0] <= '9' {
			want = "encoder.layers.encoder_layer_" + layer + "." + rest
		}
		var got []string
		for _, name := range namings(vit{}) {
			got = append(got, name(want))
		}
		if !slices.Contains(got, old) {
			t.Errorf("%s is sought as %q, want %s among them", want, got, old)
		}
		if net := Sketch(plain(ViTS16{}, "vit_s_16"), Single(2)); !net.Holds(want) {
			t.Errorf("the net has no %s", want)
		}
	}
}

// TestImagesOfPatches: a vision transformer takes images of whole patches, also such as are
// no squares, and watches the patches of its last layer.
func TestImagesOfPatches(t *testing.T) {
	t.Parallel()
	for features, layers := range map[string]int{"class": 24 + 5, "patches": 24 + 7} {
		cfg := plain(ViTS16{Features: features}, "vit_s_16")
		shape := preprocess.Shape{Channels: 3, Height: 32, Width: 48}
		size, err := Measure(t.Context(), stage.Env{}, cfg, shape, Single(3))
		if err != nil {
			t.Fatal(err)
		}
		if len(size.Outputs) != layers {
			t.Errorf("%s: %d layers, want %d", features, len(size.Outputs), layers)
		}
		env := stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 1, Seed: 1}
		net, err := Build(t.Context(), env, cfg, shape, Single(3))
		if err != nil {
			t.Fatal(err)
		}
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error { return watched(t, s, net) }); err != nil {
			t.Errorf("%s: %v", features, err)
		}
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err := Measure(t.Context(), stage.Env{}, plain(ViTS16{}, "vit_s_16"), preprocess.Shape{Channels: 3, Height: 32, Width: 40}, Single(3))
	if err == nil || !strings.Contains(err.Error(), "vit_s_16: images of 40 × 32 pixels are no whole number of patches of 16 × 16") {
		t.Errorf("got %v", err)
	}
}

// watched wants the maps of patches as a leaf, of which the answer depends, and the same
// answer as without.
func watched(t *testing.T, s *torch.Scope, net *Net) error {
	x := s.FromFloat32(fill("input", []int64{2, 3, 32, 48}), 2, 3, 32, 48)
	p := &torch.Pass{Scope: s, Watch: true}
	var logits, unwatched torch.Tensor
	s.NoGrad(func() {
		unwatched = net.Forward(&torch.Pass{Scope: s}, x)
		logits = net.Forward(p, x)
	})
	near(t, "watched logits", s.Float64s(logits), s.Float64s(unwatched))
	if shape := s.Describe(p.Maps).Shape; !slices.Equal(shape, []int64{2, 384, 2, 3}) {
		t.Errorf("maps are %v", shape)
	}
	s.Backward(s.Mean(s.Mul(logits, logits)))
	sum := 0.0
	for _, g := range s.Float64s(s.Grad(p.Maps)) {
		sum += g * g
	}
	if sum == 0 {
		t.Error("the answer does not depend on the maps")
	}
	return s.Err()
}

// TestEmbeddings: what torchvision's recipes call transformer embeddings, and decay apart.
func TestEmbeddings(t *testing.T) {
	t.Parallel()
	for _, part := range []Backbone{ViTS16{}, SwinT{}} {
		o := Sketch(plain(part, "net"), Single(2))
		got := 0
		for _, p := range o.net.Store.Parameters {
			want := p.Name == "class_token" || p.Name == "encoder.pos_embedding" || strings.HasSuffix(p.Name, ".relative_position_bias_table")
			if p.Embedding != want {
				t.Errorf("%s: embedding is %v", p.Name, p.Embedding)
			}
			if want {
				got++
			}
		}
		if want := map[Backbone]int{ViTS16{}: 2, SwinT{}: 12}[part]; got != want {
			t.Errorf("%T has %d embeddings, want %d", part, got, want)
		}
	}
}

// TestNamesOfSwinFiles: those of timm, of the authors, which differ in where merging is, and of MMPretrain.
func TestNamesOfSwinFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][4]string{
		"features.0.0.bias":                              {"patch_embed.proj.bias", "patch_embed.proj.bias", "patch_embed.projection.bias", "patch_embed.projection.bias"},
		"features.0.2.weight":                            {"patch_embed.norm.weight", "patch_embed.norm.weight", "patch_embed.norm.weight", "patch_embed.norm.weight"},
		"features.1.1.attn.qkv.weight":                   {"layers.0.blocks.1.attn.qkv.weight", "layers.0.blocks.1.attn.qkv.weight", "stages.0.blocks.1.attn.w_msa.qkv.weight", "stages.0.blocks.1.attn.w_msa.qkv.weight"},
		"features.5.3.mlp.0.bias":                        {"layers.2.blocks.3.mlp.fc1.bias", "layers.2.blocks.3.mlp.fc1.bias", "stages.2.blocks.3.ffn.layers.0.0.bias", "stages.2.blocks.3.ffn.layers.0.0.bias"},
		"features.5.3.mlp.3.weight":                      {"layers.2.blocks.3.mlp.fc2.weight", "layers.2.blocks.3.mlp.fc2.weight", "stages.2.blocks.3.ffn.layers.1.weight", "stages.2.blocks.3.ffn.layers.1.weight"},
		"features.7.0.attn.relative_position_bias_table": {"layers.3.blocks.0.attn.relative_position_bias_table", "layers.3.blocks.0.attn.relative_position_bias_table", "stages.3.blocks.0.attn.w_msa.relative_position_bias_table", "stages.3.blocks.0.attn.w_msa.relative_position_bias_table"},
		"features.2.reduction.weight":                    {"layers.1.downsample.reduction.weight", "layers.0.downsample.reduction.weight", "stages.0.downsample.reduction.weight", "stages.0.downsample.reduction.weight"},
		"features.6.norm.bias":                           {"layers.3.downsample.norm.bias", "layers.2.downsample.norm.bias", "stages.2.downsample.norm.bias", "stages.2.downsample.norm.bias"},
		"norm.weight":                                    {"norm.weight", "norm.weight", "norm3.weight", "norm.weight"},
	} {
		for i, of := range (SwinT{}).OtherNames() {
			if got := of(name); got != want[i] {
				t.Errorf("%s is %s, want %s", name, got, want[i])
			}
		}
		if !Sketch(plain(SwinT{}, "swin_t"), Single(2)).Holds(name) {
			t.Errorf("the net has no %s", name)
		}
	}
}
