package torch

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// TestWindowAttention compares with torchvision's ShiftedWindowAttention in float64
// (testdata/window_attention.py): maps with and without a whole number of windows, shifted
// along both sides, one or none.
func TestWindowAttention(t *testing.T) {
	data, err := os.ReadFile("testdata/window_attention.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Cases []struct {
			Height, Width, Shift int64
			Out, X, Table        []float64
		}
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	const width, heads, window = 6, 2, 3
	do(t, open(t), func(s *Scope) {
		for _, c := range want.Cases {
			store := NewStore(s, 1)
			layer := NewWindowAttention(store.Root(s).Sub("attn"), width, heads, window, c.Shift)
			for i, p := range []*Parameter{layer.qkv.Weight, layer.qkv.Bias, layer.proj.Weight, layer.proj.Bias, layer.table} {
				s.Copy(p.Tensor, s.FromFloat32(drawnNumbers(p.Elements(), int64(i+1)), p.Shape...))
			}
			n := int(2 * c.Height * c.Width * width)
			x := s.FromFloat32(drawnNumbers(n, 9), 2, c.Height, c.Width, width)
			s.RequireGrad(x, true)
			for range 2 { // the second time with the constants of the first
				y := layer.Forward(&Pass{Scope: s, Train: true}, x)
				same(t, s, "output", y, c.Out)
				s.ClearGrads([]Tensor{x, layer.table.Tensor})
				factor := s.FromFloat32(drawnNumbers(n, 10), s.Describe(y).Shape...)
				s.Backward(s.Times(s.Mean(s.Mul(y, factor)), float64(n)))
				same(t, s, "gradient of x", s.Grad(x), c.X)
				same(t, s, "gradient of the table", s.Grad(layer.table.Tensor), c.Table)
			}
			store.Free()
		}
		if err := s.Err(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLargestScaleOfCosines: cosines are multiplied by 100 at most, and what lies beyond has no gradient.
func TestLargestScaleOfCosines(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		store := NewStore(s, 1)
		defer store.Free()
		layer := NewCosineWindowAttention(store.Root(s), 4, 2, CosineWindows{Side: 2})
		x := s.FromFloat32(drawnNumbers(64, 9), 1, 4, 4, 4)
		for _, p := range []*Parameter{layer.qkv.Weight, layer.proj.Weight} {
			s.Copy(p.Tensor, s.FromFloat32(drawnNumbers(p.Elements(), 3), p.Shape...))
		}
		scaled := func(by float64) (out, gradient []float64) {
			s.Fill(layer.scale.Tensor, by)
			s.ClearGrads([]Tensor{layer.scale.Tensor})
			y := layer.Forward(&Pass{Scope: s, Train: true}, x)
			s.Backward(s.Mean(s.Mul(y, y)))
			return s.Float64s(y), s.Float64s(s.Grad(layer.scale.Tensor))
		}
		most, _ := scaled(math.Log(100))
		beyond, none := scaled(6)
		below, some := scaled(3)
		if !slices.Equal(most, beyond) || slices.Equal(most, below) || none[0] != 0 || none[1] != 0 || some[0] == 0 {
			t.Errorf("got %v, beyond that %v; gradients %v and %v", most[:3], beyond[:3], none, some)
		}
		if err := s.Err(); err != nil {
			t.Fatal(err)
		}
	})
}

// drawnNumbers is the rule of the script.
func drawnNumbers(n int, seed int64) []float32 {
	out := make([]float32, n)
	for i := range out {
		seed = (seed*1103515245 + 12345) % (1 << 31)
		out[i] = float32(float64(seed)/(1<<30) - 1)
	}
	return out
}

// same compares the first numbers of a tensor.
func same(t *testing.T, s *Scope, what string, got Tensor, want []float64) {
	t.Helper()
	numbers := s.Float64s(got)
	for i, w := range want {
		if i >= len(numbers) || !(math.Abs(numbers[i]-w) <= 1e-4*(1+math.Abs(w))) {
			t.Errorf("%s: number %d of %d is not %v: %v", what, i, len(numbers), w, numbers[min(i, len(numbers)-1):min(i+3, len(numbers))])
			return
		}
	}
}
