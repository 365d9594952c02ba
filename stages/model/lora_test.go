package model

import (
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
)

// corrected is the net of a backbone with corrections of rank 3.
func corrected(backbone Backbone, name, layers string) Config {
	cfg := plain(backbone, name)
	cfg.Lora = &Lora{Rank: 3, Alpha: 6, Layers: layers}
	return cfg
}

// TestLoraAgrees with PEFT, and for Swin with the paper's formula (testdata/lora.py): logits, and
// the gradients of what is trained.
func TestLoraAgrees(t *testing.T) {
	t.Parallel()
	var all struct{ Nets map[string]tight }
	parity.Read(t, "testdata/lora.json", &all)
	for which, want := range all.Nets {
		name, layers, _ := strings.Cut(which, " ")
		net := build(t, corrected(map[string]Backbone{"vit_b_16": ViTB16{Features: "class"}, "swin_t": SwinT{}}[name], name, layers))
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error { return want.corrections(t, s, net) }); err != nil {
			t.Errorf("%s: %v", which, err)
		}
	}
}

func (w tight) corrections(t *testing.T, s *torch.Scope, net *Net) error {
	for _, p := range net.Store.Parameters {
		gain := 6.0
		if strings.Contains(p.Name, "lora_B") {
			gain = 0.02
		}
		s.Copy(p.Tensor, s.FromFloat32(fillWith(p.Name, p.Shape, gain), p.Shape...))
	}
	net.Store.Train(s, func(name string) bool { return Selects(TheLora, name) || Selects(TheHead, name) }, torch.TrainedStatistics)
	shape := []int64{6, 3, 64, 64}
	x := s.FromFloat32(fill("input", shape), shape...)
	logits := net.Forward(&torch.Pass{Scope: s}, x)
	near(t, "logits", s.Float64s(logits), flat(w.EvalLogits))
	s.Backward(s.CrossEntropy(logits, s.FromInt64([]int64{0, 1, 2, 1, 0, 0}, 6), torch.Tensor{}, torch.ReduceMean, 0))
	trained := 0
	for _, p := range net.Store.Parameters {
		if p.Trainable {
			trained++
			w.check(t, p.Name, s.Float64s(s.Grad(p.Tensor)), w.Gradients)
		}
	}
	if trained != len(w.Gradients) {
		t.Errorf("%d parameters are trained, the reference trains %d", trained, len(w.Gradients))
	}
	return s.Err()
}

// TestLoraBeginsWithNothing: a net with new corrections answers as without, and counts them where
// their layers are.
func TestLoraBeginsWithNothing(t *testing.T) {
	t.Parallel()
	answer := func(cfg Config) (out []float64) {
		net := build(t, cfg)
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			x := s.FromFloat32(fill("input", []int64{1, 3, 64, 64}), 1, 3, 64, 64)
			s.NoGrad(func() { out = s.Float64s(net.Forward(&torch.Pass{Scope: s}, x)) })
			return s.Err()
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	cfg := corrected(ViTS16{Features: "class"}, "vit_s_16", "attention")
	near(t, "logits", answer(cfg), answer(plain(ViTS16{Features: "class"}, "vit_s_16")))
	net := Sketch(cfg, Single(3))
	added := int64(0)
	for _, p := range net.Parameters {
		if Selects(TheLora, p.Name) {
			added += p.Elements
			if got := Narrowest(LayerNames(net.Groups), p.Name); !strings.HasPrefix(p.Name, got+".self_attention.") {
				t.Errorf("%s counts for %s", p.Name, got)
			}
		}
	}
	if want := int64(12 * 3 * (384 + 3*384 + 384 + 384)); added != want {
		t.Errorf("%d parameters are added, want %d", added, want)
	}
}

// TestLoraFits where there are layers to correct.
func TestLoraFits(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]Config{
		"":                          corrected(SwinT{}, "swin_t", "attention"),
		"resnet18 has no attention": corrected(ResNet18{}, "resnet18", "attention"),
		"resnet18 has no linear layers that lora could correct": corrected(ResNet18{}, "resnet18", "all"),
	} {
		if err := cfg.LoraFits(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
	if err := corrected(ConvNeXtTiny{}, "convnext_tiny", "all").LoraFits(); err != nil {
		t.Error(err)
	}
}

// TestFilesWithLora: a net takes the corrections of a file, and refuses one that has others, whose
// weights are of no use without them.
func TestFilesWithLora(t *testing.T) {
	t.Parallel()
	const weight, down, up = "a.qkv.weight", "a.qkv.lora_A.weight", "a.qkv.lora_B.weight"
	file := found{prefix: "net.", tensors: map[string]safetensors.Tensor{}}
	file.dict.Tensors = map[string]safetensors.Tensor{"net." + weight: {}, "net." + down: {Data: []float32{1}}, "net." + up: {Data: []float32{2}}}
	for _, c := range []struct {
		net  []string
		want string
	}{
		{[]string{weight, down, up}, ""},
		{[]string{weight}, "2 of its 2 tensors have no place"},
		{[]string{weight, up}, "1 of its 2 tensors have no place"},
	} {
		var parameters []*torch.Parameter
		for _, name := range c.net {
			parameters = append(parameters, &torch.Parameter{Name: name})
		}
		clear(file.tensors)
		err := file.corrections(parameters)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.net, err, c.want)
		}
		if c.want == "" && (len(file.tensors) != 2 || file.tensors[up].Data[0] != 2) {
			t.Errorf("%v: took %v", c.net, file.tensors)
		}
	}
	delete(file.dict.Tensors, "net."+down)
	delete(file.dict.Tensors, "net."+up)
	if err := file.corrections(nil); err != nil {
		t.Errorf("a file without lora: %v", err)
	}
}
