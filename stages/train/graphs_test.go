package train

import (
	"strings"
	"testing"

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
		"phases":        func(c *Config) { c.Phases = []Phase{head, all} },
		"with features": func(c *Config) { c.Phases, c.Features = []Phase{thawing}, Features{Reuse: "auto", Memory: 1} },
		"averages":      func(c *Config) { c.EMA = &EMA{Decay: 0.9} },
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
