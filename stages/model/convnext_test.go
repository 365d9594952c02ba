package model

import (
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestNamesOfConvNeXtFiles: those of timm and of the authors.
func TestNamesOfConvNeXtFiles(t *testing.T) {
	t.Parallel()
	net := Sketch(plain(ConvNeXtTiny{}, "convnext_tiny"), Single(2))
	for name, want := range map[string][2]string{
		"features.0.0.weight":         {"stem.0.weight", "downsample_layers.0.0.weight"},
		"features.0.1.bias":           {"stem.1.bias", "downsample_layers.0.1.bias"},
		"features.1.2.layer_scale":    {"stages.0.blocks.2.gamma", "stages.0.2.gamma"},
		"features.5.8.block.0.weight": {"stages.2.blocks.8.conv_dw.weight", "stages.2.8.dwconv.weight"},
		"features.5.8.block.2.bias":   {"stages.2.blocks.8.norm.bias", "stages.2.8.norm.bias"},
		"features.3.0.block.3.weight": {"stages.1.blocks.0.mlp.fc1.weight", "stages.1.0.pwconv1.weight"},
		"features.7.1.block.5.bias":   {"stages.3.blocks.1.mlp.fc2.bias", "stages.3.1.pwconv2.bias"},
		"features.2.0.weight":         {"stages.1.downsample.0.weight", "downsample_layers.1.0.weight"},
		"features.6.1.bias":           {"stages.3.downsample.1.bias", "downsample_layers.3.1.bias"},
		"classifier.0.weight":         {"head.norm.weight", "norm.weight"},
	} {
		for i, of := range (ConvNeXtTiny{}).OtherNames() {
			if got := of(name); got != want[i] {
				t.Errorf("%s is %s, want %s", name, got, want[i])
			}
		}
		if !net.Holds(name) {
			t.Errorf("the net has no %s", name)
		}
	}
}

// smallConvNeXt is of the second version, of few channels.
type smallConvNeXt struct {
	convnext
	file registry.Path
}

func (n smallConvNeXt) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.build(p, channels)
}
func (n smallConvNeXt) Groups() []string    { return n.groups() }
func (n smallConvNeXt) File() registry.Path { return n.file }

// TestConvNeXtV2Files: files of timm and of the authors give timm's features and gradients
// (testdata/convnextv2.py).
func TestConvNeXtV2Files(t *testing.T) {
	t.Parallel()
	var all struct {
		Width  int64
		Blocks [4]int
		Cases  map[string]dinov2File
	}
	parity.Read(t, "testdata/convnextv2.json", &all)
	for name, c := range all.Cases {
		cfg := plain(smallConvNeXt{convnext{v2: true, width: all.Width, blocks: all.Blocks}, registry.Path(c.write(t))}, "convnextv2")
		kept := &events{Recorder: stage.Discard}
		net, err := Build(t.Context(), stage.Env{Recorder: kept, Device: "cpu", Threads: 1, Seed: 1}, cfg, preprocess.Shape{Channels: 3, Height: 64, Width: 64}, Single(2))
		if err != nil {
			t.Fatal(err)
		}
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
			x := s.FromFloat32(fill("input", []int64{2, 3, 64, 64}), 2, 3, 64, 64)
			features := net.Penultimate(&torch.Pass{Scope: s, Train: true}, x)
			near(t, name+": features", s.Float64s(features), flat(c.Features))
			s.Backward(s.Mean(s.Mul(features, features)))
			of := map[string]string{} // file's names
			for _, p := range net.Store.Parameters {
				of[p.Name] = convnext{v2: true}.timmName(p.Name)
			}
			for _, p := range net.Store.Parameters {
				if Selects(BackBone, p.Name) && c.Gradients != nil {
					c.check(t, of[p.Name], s.Float64s(s.Grad(p.Tensor)), c.Gradients)
				}
			}
			return s.Err()
		}); err != nil {
			t.Error(err)
		}
		if len(kept.texts) > 0 {
			t.Errorf("%s: told %q", name, kept.texts)
		}
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestGRNOfNothing: a channel of zeros has the gradient 0, and not none.
func TestGRNOfNothing(t *testing.T) {
	t.Parallel()
	onCPU(t, func(s *torch.Scope) {
		store := torch.NewStore(s, 1)
		defer store.Free()
		g := newGRN(store.Root(s), 2)
		s.Fill(g.weight.Tensor, 1)
		x := s.FromFloat32([]float32{0, 3, 0, 4}, 1, 1, 2, 2)
		s.RequireGrad(x, true)
		y := g.Forward(&torch.Pass{Scope: s}, x)
		near(t, "of norms 0 and 5", s.Float64s(y), []float64{0, 9, 0, 12}) // the mean is 2.5
		s.Backward(s.Mean(y))
		for i, v := range s.Float64s(s.Grad(x)) {
			if !(v > 0 && v < 10) {
				t.Errorf("gradient %d is %v", i, v)
			}
		}
	})
}

// TestFitOfConvNeXtFiles: a file of timm's, whose scales have one dimension, is of that net, and its last
// layer is left out.
func TestFitOfConvNeXtFiles(t *testing.T) {
	t.Parallel()
	d := statedict.Dict{Tensors: map[string]safetensors.Tensor{"net.head.fc.weight": {Shape: []int64{2, 768}}}}
	for name, tensor := range namesAndShapes("convnext_tiny", "").Tensors {
		if Selects(BackBone, name) {
			if strings.HasSuffix(name, "layer_scale") {
				tensor.Shape = tensor.Shape[:1]
			}
			d.Tensors["net."+convnextTiny.timmName(name)] = tensor
		}
	}
	if got := fitting([]statedict.Dict{d}); got != "it fits convnext_tiny" {
		t.Error(got)
	}
}
