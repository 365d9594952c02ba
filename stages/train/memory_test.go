package train

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// hungry is a loss that needs more memory than there is for more rows than these, and
// fails after the forward pass, as activations do.
type hungry struct {
	CrossEntropy
	rows   int64
	passes *int
}

func (h hungry) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	*h.passes++
	if rows := s.Describe(logits_BO).Shape[0]; rows > h.rows {
		s.Fail(fmt.Errorf("the injected fault: %w", torch.ErrOutOfMemory))
	}
	return h.CrossEntropy.Of(s, logits_BO, t)
}

func starving(cfg Config, rows int64) (Config, *int) {
	passes := new(int)
	cfg.Loss = registry.One[Loss]{Name: "cross_entropy", Part: hungry{CrossEntropy{Reduction: "weighted_mean"}, rows, passes}}
	return cfg, passes
}

// TestBatchesAreSplitWhereMemoryIsShort: the training must be that with as many parts
// from the beginning, bit for bit, although batch-norm is trained and passes failed.
func TestBatchesAreSplitWhereMemoryIsShort(t *testing.T) {
	t.Parallel()
	run := func(accumulate registry.Count, rows int64) (outcome, []string, int) {
		b := newBench(t)
		cfg, passes := starving(config(1e-2, phase("all", 2, "all")), rows)
		cfg.Accumulate = accumulate
		trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, recipe, measure)
		if err != nil {
			t.Fatal(err)
		}
		o := outcome{weights: b.weights(t), trained: trained, scalars: map[string]float64{}}
		o.keep(b.seen.records)
		var warnings []string
		for _, r := range b.seen.records {
			if e, ok := r.(stage.Event); ok && e.Level == "warning" && e.Stage == "train" {
				warnings = append(warnings, e.Text)
			}
		}
		return o, warnings, *passes
	}
	want, none, passes := run(4, 99)
	got, warnings, more := run(registry.Auto, 2)
	got.same(t, want)
	if len(none) != 0 || len(warnings) != 1 || !strings.Contains(warnings[0], "step 1: the device has no memory for a batch of 8 images at once; from here on each is computed in 4 parts") {
		t.Errorf("warnings %q and %q", none, warnings)
	}
	if more != passes+2 {
		t.Errorf("%d passes, want %d and two that failed, in one part and in two", more, passes)
	}
}

// TestShortBatchesHaveFewerParts: no part of one image where full batches have none.
func TestShortBatchesHaveFewerParts(t *testing.T) {
	t.Parallel()
	for _, test := range [][4]int{ // images, batch, parts of it, want
		{32, 32, 1, 1}, {32, 32, 4, 4}, {32, 32, 3, 3}, {10, 32, 8, 3}, {9, 32, 8, 3}, {2, 32, 8, 1}, {1, 32, 8, 1},
		{3, 32, 16, 1}, {5, 32, 16, 2}, {7, 8, 4, 3}, {8, 8, 8, 8}, {3, 8, 8, 3}, {2, 8, 8, 2}, {20, 32, 32, 20},
	} {
		got := partsOf(test[0], test[1], test[2])
		if got != test[3] {
			t.Errorf("%d images of batches of %d in %d parts: %d, want %d", test[0], test[1], test[2], got, test[3])
		}
	}
	for batch := 1; batch < 40; batch++ {
		for parts := 1; parts <= batch; parts++ {
			for n := 2; n <= batch; n++ {
				got := partsOf(n, batch, parts)
				if least := n / got; least < 1 || least == 1 && (batch+parts-1)/parts > 1 || (n+got-1)/got > max((batch+parts-1)/parts, 3) {
					t.Fatalf("%d images of batches of %d in %d parts: %d", n, batch, parts, got)
				}
			}
		}
	}
}

// TestPartsAndBatchNorm: the last batch, of two images, is not cut into single ones,
// whose features have no spread for a batch-norm layer of the head.
func TestPartsAndBatchNorm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	run := func(parts registry.Count) error {
		net, err := model.Build(t.Context(), b.env, model.Config{
			Backbone: registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}},
			Head:     []registry.One[model.Layer]{{Name: "batch_norm", Part: model.BatchNorm{Momentum: 0.1, Eps: 1e-5}}},
			Input:    model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}},
		}, b.images.Shape(), model.Single(3))
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		cfg := config(1e-2, phase("all", 1, "all"))
		cfg.Accumulate = parts
		_, err = Run(t.Context(), b.env, cfg, net, b.images, nil, measure)
		return err
	}
	if err := run(4); err != nil {
		t.Error(err)
	}
	if err := run(8); err == nil || !strings.Contains(err.Error(), "fewer parts in train.accumulate") {
		t.Errorf("single images: got %v", err)
	}
}

// TestPartsAreRemembered: a training that goes on elsewhere goes on in as many parts.
func TestPartsAreRemembered(t *testing.T) {
	t.Parallel()
	run := func(cut bool) outcome {
		dir := t.TempDir()
		b := benchIn(t, dir)
		cfg, _ := starving(config(1e-2, phase("head", 1, "head"), phase("all", 2, "all")), 2)
		cfg.Batch = registry.Auto
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if cut {
			b.env.Recorder = &stopping{memory: b.seen, left: 2, cancel: cancel}
		}
		trained, err := Run(ctx, b.env, cfg, b.net, b.images, nil, measure)
		if cut {
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			b = benchIn(t, dir)
			b.env.Resume = true
			cfg, _ = starving(cfg, 1000)
			trained, err = Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
		}
		if err != nil {
			t.Fatal(err)
		}
		return outcome{weights: b.weights(t), trained: trained}
	}
	want := run(false)
	run(true).same(t, want)
}

// TestOutOfMemoryIsTyped: a loss that looks at a whole batch cannot be split, nor can
// what does not ask for it; a single image that does not fit ends the run too.
func TestOutOfMemoryIsTyped(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Config)
		hint   string
	}{
		"not asked":      {func(c *Config) { *c, _ = starving(*c, 2) }, "set train.batch to 4, or keep it at 8 and set train.accumulate to 2, or to auto"},
		"even one image": {func(c *Config) { *c, _ = starving(*c, 0); c.Accumulate = registry.Auto }, "set train.batch to 4: smaller parts of a batch did not help"},
		"not divisible": {func(c *Config) {
			c.Accumulate, c.Loss = registry.Auto, registry.One[Loss]{Name: "kappa", Part: starvingKappa{}}
		}, "the loss kappa looks at a batch as a whole"},
		"automatic batch": {func(c *Config) {
			c.Batch, c.Loss = registry.Auto, registry.One[Loss]{Name: "kappa", Part: starvingKappa{}}
		}, "set train.batch to 16;"},
	} {
		b, cfg := newBench(t), config(1e-2, phase("all", 2, "all"))
		test.change(&cfg)
		_, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
		var fault stage.Fault
		if !errors.Is(err, torch.ErrOutOfMemory) || !errors.As(err, &fault) || !strings.Contains(fault.Hint, test.hint) {
			t.Errorf("%s: got %v, want a fault with the hint %q", name, err, test.hint)
		}
	}
}

type starvingKappa struct{ Kappa }

func (starvingKappa) Of(s *torch.Scope, _ torch.Tensor, _ Targets) torch.Tensor {
	s.Fail(torch.ErrOutOfMemory)
	return torch.Tensor{}
}
