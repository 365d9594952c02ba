package torch

import (
	"fmt"
	"testing"
)

// resnet50 gives the shapes of a ResNet-50's 161 trained tensors.
func resnet50() (shapes [][]int64) {
	conv := func(in, out, kernel int64) {
		shapes = append(shapes, []int64{out, in, kernel, kernel}, []int64{out}, []int64{out})
	}
	conv(3, 64, 7)
	in := int64(64)
	for i, blocks := range []int{3, 4, 6, 3} {
		width := int64(64) << i
		for block := range blocks {
			conv(in, width, 1)
			conv(width, width, 3)
			conv(width, 4*width, 1)
			if block == 0 {
				conv(in, 4*width, 1)
			}
			in = 4 * width
		}
	}
	return append(shapes, []int64{1000, 2048}, []int64{1000})
}

// BenchmarkStep is one optimizer step over a ResNet-50.
func BenchmarkStep(b *testing.B) {
	for _, kind := range []RuleKind{RuleSGD, RuleAdam, RuleAdamW} {
		b.Run(string(kind), func(b *testing.B) {
			rule := Rule{Kind: kind, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Momentum: 0.9}
			withGradients(b, resnet50(), func(s *Scope, updates []Update) {
				o := NewOptimizer(s, rule)
				defer o.scope.Free()
				o.Step(s, updates)
				for b.Loop() {
					o.Step(s, updates)
				}
			})
		})
	}
}

// withGradients makes parameters of the given shapes with gradients and runs
// work on the engine's thread.
func withGradients(tb testing.TB, shapes [][]int64, work func(*Scope, []Update)) {
	tb.Helper()
	e, err := Open(Options{Device: "cpu"})
	if err != nil {
		tb.Fatal(err)
	}
	defer e.Close()
	err = e.Do(tb.Context(), func(s *Scope) error {
		st := NewStore(s, 1)
		defer st.scope.Free()
		var updates []Update
		for i, shape := range shapes {
			p := st.Root(s).Parameter(fmt.Sprint("w", i), func(s *Scope, t Tensor, seed uint64) { s.FillUniform(t, -1, 1, seed) }, shape...)
			s.Backward(s.Mean(s.Mul(p.Tensor, p.Tensor)))
			updates = append(updates, Update{Parameter: p, Rate: 1e-6, WeightDecay: 1e-4})
		}
		work(s, updates)
		return s.Err()
	})
	if err != nil {
		tb.Fatal(err)
	}
}
