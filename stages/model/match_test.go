package model

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func tensorsNamed(names ...string) map[string]safetensors.Tensor {
	out := map[string]safetensors.Tensor{}
	for i, name := range names {
		out[name] = safetensors.Tensor{Shape: []int64{1}, Data: []float32{float32(i)}}
	}
	return out
}

func TestMatch(t *testing.T) {
	t.Parallel()
	wanted := []*torch.Parameter{{Name: "conv1.weight"}, {Name: "layer1.0.bn1.bias"}}
	dict := func(path string, prefix string) statedict.Dict {
		return statedict.Dict{Path: path, Tensors: tensorsNamed(prefix+"conv1.weight", prefix+"layer1.0.bn1.bias", prefix+"fc.weight")}
	}
	for what, test := range map[string]struct {
		dicts  []statedict.Dict
		inside string
		place  string
		others []string
		err    string
	}{
		"as the net has them":       {dicts: []statedict.Dict{dict("", "")}},
		"with a prefix":             {dicts: []statedict.Dict{dict("", "module.")}, place: "module"},
		"in a trainer's file":       {dicts: []statedict.Dict{dict("state_dict", "module.encoder.")}, place: "state_dict.module.encoder"},
		"numbered":                  {dicts: []statedict.Dict{{Tensors: tensorsNamed("backbone.0.weight", "backbone.4.0.bn1.bias")}}, place: "backbone"},
		"the first of two":          {dicts: []statedict.Dict{dict("model", ""), dict("ema", "")}, place: "model", others: []string{"ema"}},
		"the one that is asked for": {dicts: []statedict.Dict{dict("model", ""), dict("ema", "module.")}, inside: "ema", place: "ema.module"},
		"the one that is whole":     {dicts: []statedict.Dict{{Path: "part", Tensors: tensorsNamed("conv1.weight")}, dict("all", "")}, place: "all"},
		"not whole":                 {dicts: []statedict.Dict{{Tensors: tensorsNamed("conv1.weight", "a", "b", "c")}}, err: "1 of 2 tensors are not in the file, the first is layer1.0.bn1.bias; it has a, b, c, …"},
		"another net":               {dicts: []statedict.Dict{{Path: "net", Tensors: tensorsNamed("stem.weight")}}, err: "there is no conv1.weight in the file, which has stem.weight below net"},
		"not there":                 {dicts: []statedict.Dict{dict("model", "")}, inside: "mode", err: "there is no conv1.weight below mode in the file; it is below model"},
		"the first in the file": {dicts: []statedict.Dict{{Names: []string{"encoder_q.conv1.weight", "encoder_q.layer1.0.bn1.bias", "encoder_k.conv1.weight", "encoder_k.layer1.0.bn1.bias"},
			Tensors: tensorsNamed("encoder_k.conv1.weight", "encoder_k.layer1.0.bn1.bias", "encoder_q.conv1.weight", "encoder_q.layer1.0.bn1.bias")}}, place: "encoder_q", others: []string{"encoder_k"}},
		"nothing": {dicts: nil, err: "which has no tensors"},
	} {
		got, err := match(test.dicts, wanted, ResNet18{}, test.inside)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: got %v, want %q", what, err, test.err)
			}
			continue
		}
		if err != nil || got.place != test.place || !reflect.DeepEqual(got.others, test.others) || len(got.tensors) != 2 {
			t.Errorf("%s: place %q, others %q, %d tensors, %v; want %q and %q", what, got.place, got.others, len(got.tensors), err, test.place, test.others)
		}
	}
}

// TestWeightsOfOtherNames: a net begins alike whatever stands before the names in its file,
// and tells what it took.
func TestWeightsOfOtherNames(t *testing.T) {
	t.Parallel()
	cfg := Default
	cfg.Backbone = registry.One[Backbone]{Name: "resnet18", Part: ResNet18{}}
	want := weightsOf(t, stage.Env{Seed: 7}, cfg)
	for what, name := range map[string]func(string) string{
		"left out: fc": func(s string) string { return s },
		"100 tensors below module.backbone; left out: fc": func(s string) string { return "module.backbone." + s },
		"100 tensors below backbone; left out: fc": func(s string) string { // as RadImageNet's files
			for i, child := range resnetChildren {
				if rest, ok := strings.CutPrefix(s, child+"."); ok {
					return "backbone." + string(rune('0'+i)) + "." + rest
				}
			}
			return s
		},
	} {
		named := map[string]safetensors.Tensor{}
		for k, v := range want {
			named[name(k)] = v
		}
		path := filepath.Join(t.TempDir(), "net.safetensors")
		if err := safetensors.Write(path, safetensors.File{Tensors: named}); err != nil {
			t.Fatal(err)
		}
		cfg.Backbone.Part = ResNet18{Weights: registry.Path(path)}
		kept := &events{Recorder: stage.Discard}
		net, err := Build(t.Context(), stage.Env{Seed: 8, Device: "cpu", Recorder: kept}, cfg, small, Single(2))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]safetensors.Tensor
		err = net.engine.Do(t.Context(), func(s *torch.Scope) error { got = net.Tensors(s); return s.Err() })
		if err := errors.Join(err, net.Close()); err != nil {
			t.Fatal(err)
		}
		ours := func(name string, _ safetensors.Tensor) bool { return !Selects(BackBone, name) }
		begun := maps.Clone(want)
		maps.DeleteFunc(got, ours)
		maps.DeleteFunc(begun, ours)
		if !reflect.DeepEqual(got, begun) || len(got) < 100 {
			t.Errorf("%q: the net has other weights than the file", what)
		}
		if len(kept.texts) != 1 || !strings.HasSuffix(kept.texts[0], ": "+what) {
			t.Errorf("told %q, want %q", kept.texts, what)
		}
	}
}

// TestWeightsBeforeALastLayer: a net may have a part of the file's classifier, as ConvNeXt's norm.
func TestWeightsBeforeALastLayer(t *testing.T) {
	t.Parallel()
	f := found{names: []string{"net.features.0.weight", "net.classifier.0.weight"}, prefix: "net.", dict: statedict.Dict{Tensors: map[string]safetensors.Tensor{
		"net.features.0.weight": {}, "net.classifier.0.weight": {}, "net.classifier.2.weight": {}, "net.classifier.2.bias": {}, "net.features.1.weight": {},
	}}}
	if got := f.beside(); !slices.Equal(got, []string{"net.features.1.weight"}) {
		t.Errorf("beside it are %v, want features.1.weight alone", got)
	}
	if got := f.leftOut(); !slices.Equal(got, []string{"classifier.2"}) {
		t.Errorf("left out are %v, want classifier.2", got)
	}
}

// TestWeightsOfDeeperNet: a file of ResNet-34 has all that ResNet-18 wants, in the same shapes.
func TestWeightsOfDeeperNet(t *testing.T) {
	t.Parallel()
	cfg := Default
	cfg.Backbone = registry.One[Backbone]{Name: "resnet34", Part: ResNet34{}}
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := safetensors.Write(path, safetensors.File{Tensors: weightsOf(t, stage.Env{Seed: 7}, cfg)}); err != nil {
		t.Fatal(err)
	}
	cfg.Backbone = registry.One[Backbone]{Name: "resnet18", Part: ResNet18{Weights: registry.Path(path)}}
	kept := &events{Recorder: stage.Discard}
	net, err := Build(t.Context(), stage.Env{Seed: 8, Device: "cpu", Recorder: kept}, cfg, small, Single(2))
	if err != nil {
		t.Fatal(err)
	}
	if want := "the file has 80 more beside them, such as layer1.2.bn1.bias: it may be of another net; left out: fc"; len(kept.texts) != 1 || !strings.HasSuffix(kept.texts[0], want) {
		t.Errorf("told %q, want %q", kept.texts, want)
	}
	if err := net.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSplitWeights: the place in a file stands behind the last #, unless that is the file's own.
func TestSplitWeights(t *testing.T) {
	t.Parallel()
	own := filepath.Join(t.TempDir(), "net#2.pth")
	if err := os.WriteFile(own, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]string{
		own:               {own, ""},
		own + "#teacher":  {own, "teacher"},
		"net.pth":         {"net.pth", ""},
		"net.pth#student": {"net.pth", "student"},
	} {
		if file, inside := splitWeights(path); file != want[0] || inside != want[1] {
			t.Errorf("%s: %q and %q, want %q", path, file, inside, want)
		}
	}
}

// TestForChannels: channels that are alike give what a grey image in three colours gives, as
// the convolution is linear.
func TestForChannels(t *testing.T) {
	t.Parallel()
	kernel := safetensors.Tensor{Shape: []int64{2, 3, 1, 2}, Data: []float32{1, 2, 3, 4, 5, 6, -1, 0, 2, 1, 0.5, 8}}
	for _, channels := range []int64{1, 2, 4, 6, 9} {
		got := forChannels(kernel, channels)
		if want := []int64{2, channels, 1, 2}; !reflect.DeepEqual(got.Shape, want) || len(got.Data) != int(4*channels) {
			t.Fatalf("%d channels: shape %v of %d values, want %v", channels, got.Shape, len(got.Data), want)
		}
		if channels%3 != 0 && channels != 1 {
			continue // what is left of three colours is another mixture
		}
		for o := range 2 {
			for k := range 2 {
				sum, want := float32(0), float32(0)
				for i := range int(channels) {
					sum += got.Data[(o*int(channels)+i)*2+k]
				}
				for i := range 3 {
					want += kernel.Data[(o*3+i)*2+k]
				}
				if d := sum - want; !(d <= 1e-5) || !(d >= -1e-5) {
					t.Errorf("%d channels: output %d, pixel %d: sum %v, want %v", channels, o, k, sum, want)
				}
			}
		}
	}
	// timm 1.0's adapt_input_conv(4, kernel) for the first output: channels 0, 1, 2, 0, times 3/4.
	if got, want := forChannels(kernel, 4).Data[:8], []float32{0.75, 1.5, 2.25, 3, 3.75, 4.5, 0.75, 1.5}; !reflect.DeepEqual(got, want) {
		t.Errorf("4 channels: %v, want %v", got, want)
	}
}

// TestWeightsForOtherChannels: weights of three colours begin a net of five slices, with the
// pools and slices that no file knows.
func TestWeightsForOtherChannels(t *testing.T) {
	t.Parallel()
	cfg := Default
	cfg.Backbone.Part = ResNet18{}
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := safetensors.Write(path, safetensors.File{Tensors: weightsOf(t, stage.Env{Seed: 7}, cfg)}); err != nil {
		t.Fatal(err)
	}
	cfg.Backbone.Part = ResNet18{Weights: registry.Path(path)}
	cfg.Pool, _ = Pools.Default("gem")
	cfg.Input = Input{Channels: 5, Mean: []float64{0.4}, Std: []float64{0.2}, TrainScale: 1}
	kept := &events{Recorder: stage.Discard}
	shape := small
	shape.Channels = 5
	net, err := Build(t.Context(), stage.Env{Seed: 8, Device: "cpu", Recorder: kept}, cfg, shape, Single(2))
	if err != nil {
		t.Fatal(err)
	}
	if want := "conv1.weight made for 5 channels of its 3; left out: fc"; len(kept.texts) != 1 || !strings.HasSuffix(kept.texts[0], want) {
		t.Errorf("told %q, want %q", kept.texts, want)
	}
	if err := net.Close(); err != nil {
		t.Fatal(err)
	}
	cfg = Default
	cfg.Backbone.Part = ResNet18{Weights: registry.Path(path)}
	lstm, _ := Poolings.Default("lstm")
	cfg.Slices = &lstm
	shape.Channels = 3
	net, err = Build(t.Context(), stage.Env{Seed: 8, Device: "cpu", Recorder: kept}, cfg, shape, Task{Slices: 3, Targets: 1, Each: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := net.Close(); err != nil {
		t.Fatal(err)
	}
}
