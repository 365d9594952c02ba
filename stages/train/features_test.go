package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

var flipping = augment.Config{
	{Name: "rotate", Part: augment.Rotate{When: augment.Always, Degrees: 10}},
	{Name: "noise", Part: augment.Noise{When: augment.Always, Std: 0.02, Kind: "gaussian"}},
}

// reuse trains with features computed once and with features computed again, and
// wants the same numbers bit for bit: weights, optimizer, predictions.
func reuse(t *testing.T, precision string, features Features, recipe augment.Config, phases ...Phase) {
	t.Helper()
	run := func(f Features) (outcome, bool) {
		b := newBench(t)
		cfg := config(1e-2, phases...)
		cfg.Features, cfg.Accumulate, cfg.Balance.Sampling, cfg.Compute.Precision = f, 2, "over", precision
		b.env.Cache = t.TempDir()
		trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, recipe, measure)
		if err != nil {
			t.Fatal(err)
		}
		o := outcome{weights: b.weights(t), trained: trained, scalars: map[string]float64{}}
		o.keep(b.seen.records)
		if left, _ := os.ReadDir(b.env.Cache); len(left) > 0 {
			t.Errorf("files are left: %v", left)
		}
		once := false
		for _, r := range b.seen.records {
			e, ok := r.(stage.Event)
			once = once || ok && strings.Contains(e.Text, "computed once")
		}
		return o, once
	}
	want, once := run(Features{Reuse: "never"})
	if once {
		t.Error("features were reused against the setting")
	}
	got, once := run(features)
	if !once {
		t.Error("features were not reused")
	}
	got.same(t, want)
}

func TestFeaturesGiveTheSameNumbers(t *testing.T) {
	t.Parallel()
	top := phase("top", 3, "blocks.1", "head")
	views := top
	views.Views = 2
	thawing := phase("head", 6, "head")
	thawing.Unfreeze = &Unfreeze{Every: 2, Layers: 1}
	for name, test := range map[string]struct {
		features Features
		recipe   augment.Config
		phases   []Phase
	}{
		"head":                {Features{Reuse: "auto", Memory: 1}, nil, []Phase{phase("head", 3, "head")}},
		"top, then all":       {Features{Reuse: "auto", Memory: 1}, nil, []Phase{top, phase("all", 1, "all")}},
		"two views":           {Features{Reuse: "auto", Memory: 1}, flipping, []Phase{views}},
		"two views in a file": {Features{Reuse: "auto", Disk: 1}, flipping, []Phase{views}},
		"unfreezing":          {Features{Reuse: "auto", Memory: 1}, nil, []Phase{thawing}},
	} {
		for _, precision := range []string{"fp32", "bf16"} {
			t.Run(name+", "+precision, func(t *testing.T) { reuse(t, precision, test.features, test.recipe, test.phases...) })
		}
	}
}

func TestPlanFeatures(t *testing.T) {
	t.Parallel()
	mixing := mixedRecipe
	for i, test := range []struct {
		change func(*Config, *Phase, *augment.Config, *int)
		want   string
	}{
		{func(*Config, *Phase, *augment.Config, *int) {}, "1 views, 44 bytes, file false"},
		{func(_ *Config, p *Phase, r *augment.Config, _ *int) { *r, p.Views = flipping, 3 }, "3 views, 124 bytes, file false"},
		{func(_ *Config, p *Phase, r *augment.Config, _ *int) { *r = flipping }, "augmentation draws anew in every epoch; views would repeat it"},
		{func(_ *Config, p *Phase, r *augment.Config, _ *int) { *r, p.Views = flipping, 9 }, "the phase ends after epoch 9, before any of them is seen twice"},
		{func(_ *Config, p *Phase, r *augment.Config, _ *int) { *r, p.Views = mixing, 2 }, "augmentation mixes images"},
		{func(_ *Config, _ *Phase, _ *augment.Config, layers *int) { *layers = 0 }, "training changes the first layer"},
		{func(_ *Config, p *Phase, _ *augment.Config, _ *int) { p.Unfreeze = &Unfreeze{Every: 1, Layers: 1} }, "the phase ends after epoch 1, before any of them is seen twice"},
		{func(c *Config, _ *Phase, _ *augment.Config, _ *int) { c.Features.Reuse = "never" }, "train.features.reuse is never"},
		{func(c *Config, _ *Phase, _ *augment.Config, _ *int) { c.Features.Memory = 40e-9 }, "1 views, 44 bytes, file true"},
		{func(c *Config, _ *Phase, _ *augment.Config, _ *int) { c.Features.Memory, c.Features.Disk = 0, 0 }, "0.0 GB are more than train.features allows"},
	} {
		cfg, p, recipe, layers := Config{Features: DefaultFeatures}, Phase{Epochs: 9}, augment.Config(nil), 4
		test.change(&cfg, &p, &recipe, &layers)
		plan := cfg.PlanFeatures(p, recipe, layers, 1, 10, 1)
		got := plan.Why
		if got == "" {
			got = fmt.Sprintf("%d views, %d bytes, file %v", plan.Views, plan.Bytes, plan.File)
		}
		if got != test.want {
			t.Errorf("%d: got %q, want %q", i, got, test.want)
		}
	}
}

// TestFixedLayersEndAtDropout: a random layer before a frozen one keeps that from
// being computed once, and so do statistics that move.
func TestFixedLayersEndAtDropout(t *testing.T) {
	t.Parallel()
	cfg := model.Default
	cfg.Backbone = registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}}
	cfg.Head = []registry.One[model.Layer]{{Name: "dense", Part: model.Dense{Units: 4}}, {Name: "dropout", Part: model.Dropout{P: 0.5}}, {Name: "dense", Part: model.Dense{Units: 4}}}
	net := model.Sketch(cfg, model.Single(3))
	for _, test := range []struct {
		train, batchNorm string
		layers           int
		before           string
	}{
		{"fc", "auto", 10, "head"}, // two blocks of four, the average, dense
		{"blocks.1", "auto", 4, "blocks.1"},
		{"fc", "training", 1, "blocks.0"},
		{"all", "auto", 0, "blocks.0"},
	} {
		layers, before := net.Fixed(func(name string) bool { return model.Selects(test.train, name) }, test.batchNorm)
		if layers != test.layers || before != test.before {
			t.Errorf("%+v: got %d before %s", test, layers, before)
		}
	}
}

// TestFeaturesAfterACut: a training that is cut again and again, within epochs and
// while features are computed, ends as an undisturbed one that computes them anew in
// every epoch.
func TestFeaturesAfterACut(t *testing.T) {
	t.Parallel()
	settings := func(reuse string) Config {
		top := phase("top", 5, "blocks.1", "head")
		top.Views = 2
		c := config(1e-2, phase("head", 2, "head"), top)
		c.Features, c.EMA, c.Accumulate = DefaultFeatures, &EMA{Decay: 0.9}, 2
		c.Features.Reuse = reuse
		return c
	}
	undisturbed := newBench(t)
	trained, err := Run(t.Context(), undisturbed.env, settings("never"), undisturbed.net, undisturbed.images, flipping, measure)
	if err != nil {
		t.Fatal(err)
	}
	want := outcome{weights: undisturbed.weights(t), trained: trained, scalars: map[string]float64{}}
	want.keep(undisturbed.seen.records)
	got, dir, cuts := outcome{scalars: map[string]float64{}}, t.TempDir(), 0
	for ; got.weights == nil && cuts < 60; cuts++ {
		b := benchIn(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		b.env.Resume = true
		b.env.Recorder = &stopping{memory: b.seen, left: 9 + 8*cuts, cancel: cancel}
		trained, err := Run(ctx, b.env, settings("auto"), b.net, b.images, flipping, measure)
		cancel()
		got.keep(b.seen.records)
		if err == nil {
			got.trained, got.weights = trained, b.weights(t)
		} else if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if cuts < 4 {
		t.Errorf("only %d cuts", cuts)
	}
	got.same(t, want)
}

// TestFeatureRows: rows of the host and of the device give back what was added, in any
// order and more than once.
func TestFeatureRows(t *testing.T) {
	t.Parallel()
	for _, device := range []string{"cpu", "cuda"} {
		t.Run(device, func(t *testing.T) {
			e, err := torch.Open(torch.Options{Device: device, Threads: 1})
			if err != nil && device == "cuda" {
				t.Skip("no CUDA device")
			}
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			const rows, width = 5, 2 * 3
			memory, err := newHostRows(rows, []int64{2, 3}, false, "")
			if err != nil {
				t.Fatal(err)
			}
			file, err := newHostRows(rows, []int64{2, 3}, true, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			var gpu *deviceRows
			err = e.Do(t.Context(), func(s *torch.Scope) error { gpu = newDeviceRows(s, rows, []int64{2, 3}); return s.Err() })
			if err != nil {
				t.Fatal(err)
			}
			for name, r := range map[string]featureRows{"memory": memory, "file": file, "device": gpu} {
				err := e.Do(t.Context(), func(s *torch.Scope) error {
					data := make([]float32, rows*width)
					for i := range data {
						data[i] = float32(i) - 1/float32(i+1)
					}
					r.add(s, s.FromFloat32(data[:2*width], 2, 2, 3))
					r.add(s, s.FromFloat32(data[2*width:], 3, 2, 3))
					order := []int{4, 0, 4, 2}
					var want []float32
					for _, row := range order {
						want = append(want, data[row*width:(row+1)*width]...)
					}
					got := r.take(s, order)
					if shape := s.Describe(got).Shape; !slices.Equal(shape, []int64{4, 2, 3}) || !slices.Equal(s.Float32s(got), want) {
						t.Errorf("%s: shape %v, %v, want %v", name, shape, s.Float32s(got), want)
					}
					return s.Err()
				})
				if err := errors.Join(err, r.close()); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// TestFeaturesWithoutRoom: where no file can be made the training goes on, with a
// warning and the same numbers.
func TestFeaturesWithoutRoom(t *testing.T) {
	t.Parallel()
	run := func(f Features) (map[string]safetensors.Tensor, []string) {
		b := newBench(t)
		b.env.Cache = filepath.Join(b.env.RunDir, "..", "taken")
		if err := os.WriteFile(b.env.Cache, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := config(1e-2, phase("head", 3, "head"))
		cfg.Features = f
		weights := b.train(t, cfg, nil)
		var warnings []string
		for _, r := range b.seen.records {
			if e, ok := r.(stage.Event); ok && e.Level == "warning" && e.Stage == "train" {
				warnings = append(warnings, e.Text)
			}
		}
		return weights, warnings
	}
	want, none := run(Features{Reuse: "never"})
	got, warnings := run(Features{Reuse: "auto", Disk: 1})
	if len(none) > 0 || len(warnings) != 1 || !strings.Contains(warnings[0], "phase head: what lies before head is computed in every epoch: ") {
		t.Errorf("warnings %q and %q", none, warnings)
	}
	if left := changed(got, want); len(left) > 0 {
		t.Errorf("%v differ", left)
	}
}
