package model

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// BenchmarkStep is one step of training on random images that are on the device
// already: forward, cross-entropy, backward, Adam. bench/train compares it with
// the same in PyTorch, and sets what the environment variables below say.
func BenchmarkStep(b *testing.B) {
	batch, size := setting("BENCH_BATCH", 8), setting("BENCH_SIZE", 64)
	for _, name := range Backbones.Names() {
		b.Run(name, func(b *testing.B) {
			step := newStep(b, name, batch, size)
			step(b) // the first one allocates
			before := spent(b)
			for b.Loop() {
				step(b)
			}
			b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
			b.ReportMetric(float64(batch*b.N)/(spent(b)-before), "images/cpu-s")
		})
	}
}

// spent is the processor time of this process in seconds, which others on the machine
// change less than the time on the clock.
func spent(b *testing.B) float64 {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

func newStep(b *testing.B, name string, batch, size int) func(*testing.B) {
	b.Helper()
	backbone, known := Backbones.Default(name)
	if !known {
		b.Fatalf("there is no %s", name)
	}
	cfg := Default
	cfg.Backbone, cfg.Input = backbone, InputOf(backbone.Part)
	env := stage.Env{Recorder: stage.Discard, Device: "auto", Threads: setting("BENCH_THREADS", 0)}
	channels := 3
	if cfg.Volumetric() {
		channels = setting("BENCH_SLICES", 8)
	}
	net, err := Build(b.Context(), env, cfg, preprocess.Shape{Channels: channels, Height: size, Width: size}, Single(3))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = net.Close() })
	fast := DefaultCompute
	fast.Deterministic = false
	if err := net.Compute(b.Context(), env, fast); err != nil {
		b.Fatal(err)
	}
	if setting("BENCH_RECOMPUTE", 0) == 1 {
		if err := net.PrepareRecompute(b.Context(), env, preprocess.Shape{Channels: channels, Height: size, Width: size}); err != nil {
			b.Fatal(err)
		}
	}
	return training(b, net, batch, size)
}

// training gives a function that does one step on the same images each time.
func training(b *testing.B, net *Net, batch, size int) func(*testing.B) {
	b.Helper()
	labels := make([]int64, batch)
	for i := range labels {
		labels[i] = int64(i % 3)
	}
	channels := int64(3)
	if net.volumes {
		channels = int64(setting("BENCH_SLICES", 8))
	}
	var images_BCHW, labels_B torch.Tensor
	var optimizer *torch.Optimizer
	var updates []torch.Update
	var leaves []torch.Tensor
	onEngine(b, net, func(s *torch.Scope) {
		long := s.Long()
		images_BCHW = s.Move(s.Zeros(torch.Float32, int64(batch), channels, int64(size), int64(size)), long)
		s.FillUniform(images_BCHW, 0, 1, 1)
		labels_B = s.Move(s.FromInt64(labels, int64(batch)), long)
		optimizer = torch.NewOptimizer(s, torch.Rule{Kind: torch.RuleAdam, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
		for _, p := range net.Store.Parameters {
			if p.Trainable {
				updates, leaves = append(updates, torch.Update{Parameter: p, Rate: 1e-4}), append(leaves, p.Tensor)
			}
		}
	})
	return func(b *testing.B) {
		onEngine(b, net, func(s *torch.Scope) {
			logits_BK, backward := net.either(&torch.Pass{Scope: s, Train: true}, images_BCHW, 0, setting("BENCH_RECOMPUTE", 0) == 1)
			loss := s.CrossEntropy(logits_BK, labels_B, torch.Tensor{}, torch.ReduceMean, 0)
			s.ClearGrads(leaves)
			s.Backward(loss)
			backward()
			optimizer.Step(s, updates)
			s.Synchronize()
		})
	}
}

func onEngine(b testing.TB, net *Net, work func(*torch.Scope)) {
	b.Helper()
	err := net.Engine().Do(b.Context(), func(s *torch.Scope) error { work(s); return s.Err() })
	if err != nil {
		b.Fatal(err)
	}
}
