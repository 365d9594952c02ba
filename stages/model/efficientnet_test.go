package model

import (
	"math"
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

// smallEfficientNet has few channels.
type smallEfficientNet struct {
	efficientnet
	file registry.Path
}

func (n smallEfficientNet) Build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.build(p, channels)
}
func (n smallEfficientNet) Groups() []string                  { return n.groups() }
func (n smallEfficientNet) File() registry.Path               { return n.file }
func (n smallEfficientNet) OtherNames() []func(string) string { return n.otherNames() }
func (n smallEfficientNet) Fits(names []string) error         { return n.fits(names) }

// smallEfficientNetOf is that of testdata/efficientnet_files.py, of the first version or the second.
func smallEfficientNetOf(fused, tensorflow bool) efficientnet {
	e := efficientnet{stem: 16, last: 64, eps: 1e-5, stages: []inverted{
		{expand: 1, kernel: 3, stride: 1, out: 8, blocks: 1},
		{expand: 6, kernel: 3, stride: 2, out: 16, blocks: 2},
		{expand: 4, kernel: 5, stride: 2, out: 24, blocks: 2},
		{expand: 4, kernel: 5, stride: 1, out: 40, blocks: 1},
	}}
	if fused {
		e.stages = []inverted{
			{fused: true, expand: 1, kernel: 3, stride: 1, out: 8, blocks: 2},
			{fused: true, expand: 4, kernel: 3, stride: 2, out: 16, blocks: 2},
			{expand: 4, kernel: 3, stride: 2, out: 24, blocks: 2},
		}
	}
	if tensorflow {
		e.eps, e.same = tensorflowEps, true
	}
	return e
}

// TestEfficientNetFiles: files of timm, efficientnet-pytorch and MONAI give these libraries' features
// and gradients, for sides that are even and odd (testdata/efficientnet_files.py).
func TestEfficientNetFiles(t *testing.T) {
	t.Parallel()
	var all struct {
		Cases map[string]struct {
			Tensorflow, Fused bool
			dinov2File
		}
	}
	parity.Read(t, "testdata/efficientnet_files.json", &all)
	for name, c := range all.Cases {
		net := smallEfficientNetOf(c.Fused, c.Tensorflow)
		kept := &events{Recorder: stage.Discard}
		shape := preprocess.Shape{Channels: 3, Height: c.Height, Width: c.Width}
		built, err := Build(t.Context(), stage.Env{Recorder: kept, Device: "cpu", Threads: 1, Seed: 1}, plain(smallEfficientNet{net, registry.Path(c.write(t))}, "efficientnet"), shape, Single(2))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := built.engine.Do(t.Context(), func(s *torch.Scope) error {
			sides := []int64{2, 3, int64(c.Height), int64(c.Width)}
			features := built.Penultimate(&torch.Pass{Scope: s}, s.FromFloat32(fill("input", sides), sides...))
			near(t, name+": features", s.Float64s(features), flat(c.Features))
			s.Backward(s.Mean(s.Mul(features, features)))
			for _, p := range built.Store.Parameters {
				if Selects(BackBone, p.Name) && !p.Buffer {
					c.check(t, c.nameOf(net, p.Name), s.Float64s(s.Grad(p.Tensor)), c.Gradients)
				}
			}
			return s.Err()
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(kept.texts) > 0 && !strings.HasSuffix(kept.texts[0], "left out: _fc") {
			t.Errorf("%s: told %q", name, kept.texts)
		}
		if err := built.Close(); err != nil {
			t.Error(err)
		}
	}
}

// nameOf is how the file calls a tensor of the net.
func (c dinov2File) nameOf(net efficientnet, name string) string {
	for _, other := range net.otherNames() {
		if _, there := c.Tensors[other(name)]; there {
			return other(name)
		}
	}
	return name
}

// TestFitOfEfficientNetFiles: a file of another library is told with the nets that it is of.
func TestFitOfEfficientNetFiles(t *testing.T) {
	t.Parallel()
	b2 := EfficientNet[efficientnetB2]{}
	for i, name := range b2.OtherNames() {
		d := statedict.Dict{Tensors: map[string]safetensors.Tensor{}}
		for ours, tensor := range namesAndShapes("efficientnet_b2", "").Tensors {
			if Selects(BackBone, ours) {
				d.Tensors[name(ours)] = tensor
			}
		}
		if got := fitting([]statedict.Dict{d}); got != "it fits efficientnet_b2" {
			t.Errorf("names %d: %s", i, got)
		}
	}
}

// TestFilesOfTheOtherVariant: names that only TensorFlow's nets have are refused for torchvision's; timm's
// are those of both.
func TestFilesOfTheOtherVariant(t *testing.T) {
	t.Parallel()
	var all struct{ Cases map[string]dinov2File }
	parity.Read(t, "testdata/efficientnet_files.json", &all)
	shape := preprocess.Shape{Channels: 3, Height: 64, Width: 64}
	for name, want := range map[string]string{"efficientnet-pytorch": "_conv_stem.weight", "monai": "_conv_stem.weight", "timm, tensorflow": ""} {
		path := all.Cases[name].write(t)
		net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 1, Seed: 1}, plain(smallEfficientNet{smallEfficientNetOf(false, false), registry.Path(path)}, "efficientnet"), shape, Single(2))
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want+", as files of efficientnet-pytorch and MONAI do, whose nets pad as TensorFlow does\n  hint: write variant: tensorflow beside weights") {
			t.Errorf("%s: got %v", name, err)
		}
		if err == nil {
			if err := net.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestBatchNormsOfEfficientNets: epsilon and momentum are torchvision's (testdata/efficientnet_norms.py).
func TestBatchNormsOfEfficientNets(t *testing.T) {
	t.Parallel()
	var all struct{ Norms map[string][2]float64 }
	parity.Read(t, "testdata/efficientnet_norms.json", &all)
	for _, name := range Backbones.Names() {
		if !strings.HasPrefix(name, "efficientnet") {
			continue
		}
		one, _ := Backbones.Default(name)
		net, _ := one.Part.Build(torch.NewOutlineStore().Root(nil), 3)
		norms, want := normsOf(net), all.Norms[name]
		for _, norm := range norms {
			if norm.Eps != want[0] || norm.Momentum != want[1] {
				t.Errorf("%s: got epsilon %g and momentum %g, want %v", name, norm.Eps, norm.Momentum, want)
				break
			}
		}
		if len(norms) < 40 {
			t.Errorf("%s: %d batch-norms", name, len(norms))
		}
	}
}

func normsOf(m torch.Module) (out []*torch.BatchNorm) {
	switch m := m.(type) {
	case *torch.BatchNorm:
		return []*torch.BatchNorm{m}
	case torch.Sequence:
		for _, one := range m {
			out = append(out, normsOf(one)...)
		}
	case skip:
		return normsOf(m.branch)
	}
	return out
}

// TestPadSame holds the pixels around against TensorFlow's rule: as many on both sides, or one more
// behind.
func TestPadSame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kernel, stride, size, before, behind int64 }{
		{3, 2, 224, 0, 1}, {3, 2, 225, 1, 1}, {5, 2, 56, 1, 2}, {5, 2, 57, 2, 2}, {3, 2, 1, 1, 1}, {3, 4, 8, 0, 0},
	} {
		if before, behind := (padSame{kernel: c.kernel, stride: c.stride}).of(c.size); before != c.before || behind != c.behind {
			t.Errorf("kernel %d, stride %d, %d pixels: %d and %d, want %d and %d", c.kernel, c.stride, c.size, before, behind, c.before, c.behind)
		}
	}
}

// TestActivationsOfTensorFlowsVariant: what the backward pass keeps with its padding is what timm's nets
// keep (see TestActivationsOfBackbones): a padded map in the place of one that is not.
func TestActivationsOfTensorFlowsVariant(t *testing.T) {
	t.Parallel()
	for backbone, want := range map[Backbone]float64{
		EfficientNet[efficientnetB0]{Variant: "tensorflow"}: 22.238, EfficientNet[efficientnetV2S]{Variant: "tensorflow"}: 38.727,
	} {
		size, err := Measure(t.Context(), stage.Env{}, Config{Backbone: registry.One[Backbone]{Name: "efficientnet", Part: backbone}, Input: Default.Input},
			preprocess.Shape{Channels: 3, Height: 224, Width: 224}, Single(3))
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(size.Activations) / 1e6; got < 0.985*want || got > 1.015*want {
			t.Errorf("%T: %.3f million numbers, timm's keeps %.3f", backbone, got, want)
		}
	}
}

// TestTensorFlowsVariantOnCUDA: padding changes nothing about what TestBackbonesOnCUDA holds.
func TestTensorFlowsVariantOnCUDA(t *testing.T) {
	cfg := plain(EfficientNet[efficientnetB0]{Variant: "tensorflow"}, "efficientnet_b0")
	got, want := answersOn(t, "cuda", cfg), answersOn(t, "cpu", cfg)
	for i, v := range want {
		if !(math.Abs(got[i]-v) <= 2e-3*(1+math.Abs(v))) {
			t.Errorf("number %d is %g on the GPU, %g on the CPU", i, got[i], v)
		}
	}
}
