package torch

import (
	"math"
	"testing"
)

// TestFusedAttention: the kernel gives what the products give, outputs and gradients, and is
// said to multiply as much. torch.nn.MultiheadAttention is the reference of the products
// (TestBackbones, TestSlices).
func TestFusedAttention(t *testing.T) {
	if !HasFusedAttention() {
		t.Skip("this libtorch has no fused attention: it came with 2.0")
	}
	onDevices(t, func(t *testing.T, e *Engine) {
		do(t, e, func(s *Scope) {
			s.Deterministic(true)
			plain := attended(s)
			s.Deterministic(false)
			if !s.engine.fused {
				t.Fatal("it is not taken")
			}
			fused := attended(s)
			s.Deterministic(true)
			for name, want := range plain {
				for i, w := range want {
					if got := fused[name][i]; !(math.Abs(got-w) <= 1e-5*(1+math.Abs(w))) {
						t.Fatalf("%s: number %d is %v fused, and %v by its products", name, i, got, w)
					}
				}
			}
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// attended is what one layer does: its output, gradients, and how much it multiplies.
func attended(s *Scope) map[string][]float64 {
	const batch, places, width, heads = 3, 11, 16, 2
	store := NewStore(s, 1)
	defer store.Free()
	layer := NewSelfAttention(store.Root(s).Sub("attn"), width, heads)
	x := s.FromFloat32(drawnNumbers(batch*places*width, 5), batch, places, width)
	s.RequireGrad(x, true)
	var work Work
	y := layer.Forward(&Pass{Scope: s, Train: true, Work: &work}, x)
	s.Backward(s.Mean(s.Mul(y, y)))
	forward, backward := work.Count(func(string) bool { return true })
	return map[string][]float64{
		"output": s.Float64s(y), "gradient of x": s.Float64s(s.Grad(x)),
		"gradient of the weight": s.Float64s(s.Grad(layer.in.Tensor)), "products": {float64(forward), float64(backward)},
	}
}
