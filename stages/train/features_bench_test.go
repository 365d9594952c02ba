package train

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// BenchmarkFrozenPrefix measures an epoch of training and validation of the head of a
// ResNet-18 at 64², with the outputs of the frozen layers reused and with them computed
// again, in turns. times is how many times faster the former is, the median of all
// turns; the first epoch, which computes the outputs, is not among them.
func BenchmarkFrozenPrefix(b *testing.B) {
	reused, computed := headTraining(b, "auto"), headTraining(b, "never")
	var fast, slow []float64
	for b.Loop() {
		slow = append(slow, computed())
		fast = append(fast, reused())
	}
	ratios := make([]float64, len(fast))
	for i := range fast {
		ratios[i] = slow[i] / fast[i]
	}
	b.ReportMetric(median(ratios), "times")
	b.ReportMetric(1000*median(slow), "ms-computed/epoch")
	b.ReportMetric(1000*median(fast), "ms-reused/epoch")
}

// headTraining begins a phase, and gives what trains and validates one more epoch of it
// and says how many seconds that took.
func headTraining(b *testing.B, reuse string) (epoch func() float64) {
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: filepath.Join(shared, "cache"), Device: "cpu", Threads: 1, Workers: 2, Seed: 5}
	images, err := imagesOf(b.Context(), env, 64)
	if err != nil {
		b.Fatal(err)
	}
	backbone, _ := model.Backbones.Default("resnet18")
	net, err := model.Build(b.Context(), env, model.Config{Backbone: backbone, Input: model.Default.Input}, images.Shape(), model.Single(3))
	if err != nil {
		b.Fatal(err)
	}
	cfg := config(1e-3, phase("head", 1<<20, "head"))
	cfg.Features = DefaultFeatures
	cfg.Features.Reuse = reuse
	t := &trainer{env: env, cfg: cfg, net: net, images: images, measure: measure, phase: cfg.Phases[0]}
	b.Cleanup(func() {
		if err := t.close(); err != nil {
			b.Error(err)
		}
		net.Close()
		images.Close()
	})
	if err := t.prepare(b.Context()); err != nil {
		b.Fatal(err)
	}
	if _, err := t.beginPhase(b.Context()); err != nil {
		b.Fatal(err)
	}
	epoch = func() float64 {
		start := time.Now()
		t.epoch++
		if _, err := t.trainEpoch(b.Context(), t.state.history(t.phase)); err != nil {
			b.Fatal(err)
		}
		if _, err := t.validate(b.Context()); err != nil {
			b.Fatal(err)
		}
		t.state.nextEpoch(0)
		return time.Since(start).Seconds()
	}
	epoch()
	return epoch
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
