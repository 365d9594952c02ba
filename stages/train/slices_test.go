package train

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"vertebra/stages/augment"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// slicesOf is how many slices benchOfSlices stacks.
const slicesOf = 3

// benchOfSlices shows the slices around each point one by one to the backbone.
func benchOfSlices(t *testing.T, dir, device, name string, pool model.Pooling) bench {
	t.Helper()
	return benchOfMiddle(t, dir, device, name, pool, slicesOf)
}

// benchOfMiddle stacks more slices than the backbone sees.
func benchOfMiddle(t *testing.T, dir, device, name string, pool model.Pooling, held int) bench {
	t.Helper()
	m := &memory{}
	env := stage.Env{Now: time.Now, Recorder: m, Cache: filepath.Join(shared, "cache"), RunDir: filepath.Join(dir, "run"), Device: device, Threads: 1, Workers: 2, Seed: 5}
	images, err := imagesOf(t.Context(), env, 12, registry.One[preprocess.Step]{Name: "stack", Part: preprocess.Stack{Slices: held, Stride: 1, Edge: "repeat"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { images.Close() })
	cfg := model.Config{
		Backbone: registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}}, SliceChannels: 1,
		Slices: &registry.One[model.Pooling]{Name: name, Part: pool}, Input: model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}},
	}
	if held != slicesOf {
		cfg.Input.MiddleSlices = slicesOf
	}
	task := model.Single(3)
	task.Slices, task.Held = slicesOf, held
	return bench{env, netOf(t, env, cfg, images, task), images, m}
}

// poolings draw nothing at random, and are of each kind of layer.
func poolings() map[string]model.Pooling {
	attention := registry.One[model.Pooling]{Name: "attention", Part: model.Attention{Units: 4, Gated: true, Branches: 2}}
	return map[string]model.Pooling{
		"lstm":        model.LSTM{Units: 6, Layers: 1, Bidirectional: true, Pool: attention},
		"transformer": model.Transformer{Units: 8, Layers: 1, Heads: 2, Pool: attention},
	}
}

// TestSlices trains nets that see slices one by one: the loss falls, and CUDA graphs change
// no bit.
func TestSlices(t *testing.T) {
	for _, device := range []string{"cpu", "cuda"} {
		for name, pool := range poolings() {
			t.Run(device+" "+name, func(t *testing.T) {
				var losses [2][]float64
				for i, graphs := range []bool{false, true} {
					b := benchOfSlices(t, t.TempDir(), device, name, pool)
					cfg := config(1e-2, phase("all", 4, "all"))
					cfg.Compute.Precision, cfg.Compute.Deterministic, cfg.Compute.Graphs = "fp32", true, graphs
					if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, recipe, measure); err != nil {
						t.Fatal(err)
					}
					losses[i] = b.seen.values("train", "loss")
				}
				if l := losses[0]; len(l) != 4 || l[3] >= l[0] || !slices.Equal(l, losses[1]) {
					t.Errorf("losses %v, with graphs %v; want four that fall, and the same", l, losses[1])
				}
			})
		}
	}
}

// TestSlicesFromFeatures: features of each slice that are computed once change no bit.
func TestSlicesFromFeatures(t *testing.T) {
	for name, pool := range poolings() {
		t.Run(name, func(t *testing.T) {
			sameFromFeatures(t, phase("head", 3, "head"), recipe, func() bench { return benchOfSlices(t, t.TempDir(), "cpu", name, pool) })
		})
	}
}

// TestSlicesGoOnBitForBit interrupts trainings that drop numbers between slices, and slices.
func TestSlicesGoOnBitForBit(t *testing.T) {
	t.Parallel()
	mean := registry.One[model.Pooling]{Name: "mean", Part: model.MeanOfSlices{}}
	often := augment.When{P: 0.5, From: 1}
	dark := augment.Config{{Name: "reverse", Part: augment.Reverse{When: often, Sides: "keep"}}, {Name: "slice_shift", Part: augment.SliceShift{When: often, By: 1}}, {Name: "slice_dropout", Part: augment.SliceDropout{When: often, Share: 0.5}}}
	for name, pool := range map[string]model.Pooling{
		"lstm":        model.LSTM{Units: 6, Layers: 2, Dropout: 0.3, Pool: mean},
		"transformer": model.Transformer{Units: 8, Layers: 1, Heads: 2, Dropout: 0.3, Pool: mean},
	} {
		cfg := config(1e-2, phase("head", 2, "head"), phase("all", 2, "all"))
		cfg.Checkpoints.Steps = 2
		run := func(ctx context.Context, b bench) (Trained, error) {
			return Run(ctx, b.env, cfg, b.net, b.images, dark, measure)
		}
		in := func(dir string) bench { return benchOfSlices(t, dir, "cpu", name, pool) }
		b := in(t.TempDir())
		trained, err := run(t.Context(), b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := b.outcome(t, trained)
		got := cutOften(t, rand.New(rand.NewPCG(1, 1)), in, run)
		got.same(t, want)
	}
}

// TestMiddleSlices trains nets that see the middle of larger stacks. Where nothing moves the window
// all is as with stacks of that size; slice_shift changes what is trained on, the same with CUDA
// graphs and from features.
func TestMiddleSlices(t *testing.T) {
	pool := poolings()["lstm"]
	shift := func(by int) augment.Config {
		return augment.Config{{Name: "slice_shift", Part: augment.SliceShift{When: augment.Always, By: by}}}
	}
	for _, device := range []string{"cpu", "cuda"} {
		t.Run(device, func(t *testing.T) {
			run := func(held, by int, graphs bool) ([]float64, Trained) {
				b := benchOfMiddle(t, t.TempDir(), device, "lstm", pool, held)
				cfg := config(1e-2, phase("all", 3, "all"))
				cfg.Compute.Precision, cfg.Compute.Deterministic, cfg.Compute.Graphs = "fp32", true, graphs
				trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, shift(by), measure)
				if err != nil {
					t.Fatal(err)
				}
				return b.seen.values("train", "loss"), trained
			}
			plain, small := run(slicesOf, 0, false)
			still, large := run(slicesOf+2, 0, false)
			if !slices.Equal(still, plain) || !reflect.DeepEqual(large.Predictions, small.Predictions) || len(small.Predictions) == 0 {
				t.Errorf("with slices that nobody sees the losses are %v, want %v", still, plain)
			}
			moved, _ := run(slicesOf+2, 1, false)
			again, _ := run(slicesOf+2, 1, true)
			if slices.Equal(moved, plain) || moved[2] >= moved[0] || !slices.Equal(moved, again) {
				t.Errorf("moved: losses %v, with graphs %v; want three that fall, the same, and others than %v", moved, again, plain)
			}
		})
	}
	sameFromFeatures(t, phase("head", 3, "head"), shift(1), func() bench { return benchOfMiddle(t, t.TempDir(), "cpu", "lstm", pool, slicesOf+2) })
}
