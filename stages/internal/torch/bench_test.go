package torch

import (
	"context"
	"testing"
)

// BenchmarkSmallOperation is what an operation costs beyond its arithmetic.
func BenchmarkSmallOperation(b *testing.B) {
	e, err := Open(Options{Device: "cpu", Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	err = e.Do(context.Background(), func(s *Scope) error {
		x := s.Zeros(Float32, 8)
		for b.Loop() {
			s.Inner(func(in *Scope) Tensor { return in.ReLU(x) })
			s.owned = s.owned[:1]
		}
		return s.Err()
	})
	if err != nil {
		b.Fatal(err)
	}
}
