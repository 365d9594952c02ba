package train

import (
	"fmt"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func (o outcome) fact(name string) string {
	for _, r := range o.records {
		if f, ok := r.(stage.Fact); ok && f.Name == name {
			return f.Value
		}
	}
	return ""
}

func trainOn(t *testing.T, device string, cfg Config) outcome {
	t.Helper()
	b := benchOn(t, t.TempDir(), device)
	b.env.Cache = t.TempDir()
	trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, recipe, measure)
	if err != nil {
		t.Fatal(err)
	}
	o := outcome{weights: b.weights(t), trained: trained, scalars: map[string]float64{}, records: b.seen.records}
	o.keep(b.seen.records)
	return o
}

// TestCUDAGraphsGiveTheSameNumbers trains with recorded passes and without, and
// wants the same bits.
func TestCUDAGraphsGiveTheSameNumbers(t *testing.T) {
	head, all := phase("head", 2, "head"), phase("all", 3, "all")
	thawing := phase("thawing", 4, "head")
	thawing.Unfreeze = &Unfreeze{Every: 2, Layers: 1}
	for name, change := range map[string]func(*Config){
		"fp32":          func(*Config) {},
		"bf16":          func(c *Config) { c.Compute.Precision, c.Compute.ChannelsLast = "bf16", "on" },
		"fp16":          func(c *Config) { c.Compute.Precision = "fp16" },
		"parts":         func(c *Config) { c.Accumulate = 2 },
		"uneven parts":  func(c *Config) { c.Accumulate = 3 },
		"phases":        func(c *Config) { c.Phases = []Phase{head, all} },
		"with features": func(c *Config) { c.Phases, c.Features = []Phase{thawing}, Features{Reuse: "auto", Memory: 1} },
		"averages":      func(c *Config) { c.EMA = &EMA{Decay: 0.9} },
		"sam":           uphillSAM,
		"sam in parts":  func(c *Config) { uphillSAM(c); c.Accumulate, c.Compute.Precision = 2, "fp16" },
		"swa":           func(c *Config) { c.SWA = &SWA{From: 0.3} },
		"schedule_free": func(c *Config) { c.Optimizer = freeOfSchedule() },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(1e-2, all)
			cfg.Compute.Precision, cfg.Compute.Deterministic = "fp32", true
			change(&cfg)
			cfg.Compute.Graphs = false
			want := trainOn(t, "cuda", cfg)
			cfg.Compute.Graphs = true
			got := trainOn(t, "cuda", cfg)
			if fact := got.fact("CUDA graphs"); !strings.HasPrefix(fact, "yes") {
				t.Errorf("the run says of its graphs %q", fact)
			}
			got.same(t, want)
		})
	}
}

// TestSecondCUDADevice: what names no device must not go to the first one.
func TestSecondCUDADevice(t *testing.T) {
	cfg := config(1e-2, phase("all", 3, "all"))
	cfg.Compute.Precision, cfg.Compute.Deterministic, cfg.Compute.Graphs = "fp32", true, true
	got := trainOn(t, "cuda:1", cfg)
	if fact := got.fact("CUDA graphs"); !strings.HasPrefix(fact, "yes") {
		t.Errorf("the run says of its graphs %q", fact)
	}
	got.same(t, trainOn(t, "cuda", cfg))
}

// scarce is a loss that finds no memory the first time that it gets so many rows, in
// training or in a prediction.
type scarce struct {
	CrossEntropy
	rows   int64
	failed *bool
}

func (l scarce) fail(s *torch.Scope, logits_BO torch.Tensor) {
	if !*l.failed && s.Describe(logits_BO).Shape[0] == l.rows {
		*l.failed = true
		s.Fail(fmt.Errorf("the injected fault: %w", torch.ErrOutOfMemory))
	}
}

func (l scarce) Of(s *torch.Scope, logits_BO torch.Tensor, t Targets) torch.Tensor {
	l.fail(s, logits_BO)
	return l.CrossEntropy.Of(s, logits_BO, t)
}

func (l scarce) Probabilities(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor {
	l.fail(s, logits_BO)
	return s.Softmax(logits_BO)
}

// TestCUDAGraphsGiveWay: what has no memory beside a graph goes on without it, with the
// same numbers: the short batch at the end of an epoch, and validation.
func TestCUDAGraphsGiveWay(t *testing.T) {
	b := benchOn(t, t.TempDir(), "cuda")
	training, validation := len(indices(b.images, stage.Train)), len(indices(b.images, stage.Validation))
	for name, size := range map[string]int{"short batch": training % 8, "validation": validation % 8} {
		if size == 0 || training%8 == validation%8 {
			t.Fatalf("%d and %d images: the sizes of batches do not tell one case from the other", training, validation)
		}
		cfg := config(1e-2, phase("all", 3, "all"))
		cfg.Compute.Precision, cfg.Compute.Deterministic, cfg.Compute.Graphs = "fp32", true, true
		want := trainOn(t, "cuda", cfg)
		failed := false
		cfg.Loss = registry.One[Loss]{Name: "cross_entropy", Part: scarce{CrossEntropy{Reduction: "weighted_mean"}, int64(size), &failed}}
		got := trainOn(t, "cuda", cfg)
		got.same(t, want)
		warnings := 0
		for _, r := range got.records {
			if e, ok := r.(stage.Event); ok && strings.Contains(e.Text, "goes on without them") {
				warnings++
			}
		}
		if !failed || warnings != 1 {
			t.Errorf("%s: failed %v, %d warnings", name, failed, warnings)
		}
	}
}

func TestGraphsDoNothingOnTheCPU(t *testing.T) {
	t.Parallel()
	cfg := config(1e-2, phase("all", 2, "all"))
	want := trainOn(t, "cpu", cfg)
	cfg.Compute.Graphs = true
	got := trainOn(t, "cpu", cfg)
	if fact := got.fact("CUDA graphs"); fact != "" {
		t.Errorf("the run says of its graphs %q", fact)
	}
	got.same(t, want)
}
