package torch

import (
	"math"
	"slices"
	"testing"
)

// TestMaxPool3D: pooled in two steps, volumes have the maxima of libtorch's max_pool3d, and its
// gradients but for rounding, whatever lies together in memory. Many numbers are equal, as
// zeros are behind a ReLU.
func TestMaxPool3D(t *testing.T) {
	e := open(t)
	err := e.Do(t.Context(), func(s *Scope) error {
		values := make([]float32, 2*3*5*6*7)
		for i := range values {
			values[i] = float32(i * 7919 % 13)
		}
		for _, m := range []maxPool3D{{3, 2, 1}, {2, 2, 0}, {3, 1, 1}} {
			pooled := func(deterministic, last bool) (out, gradient []float64) {
				s.engine.deterministic = deterministic
				leaf := s.FromFloat32(values, 2, 3, 5, 6, 7)
				s.RequireGrad(leaf, true)
				x := leaf
				if last {
					x = s.ChannelsLast(leaf)
				}
				y := m.Forward(&Pass{Scope: s, Train: true}, x)
				weight := make([]float32, s.Describe(y).Elements())
				for i := range weight {
					weight[i] = float32(1 + i%5)
				}
				s.Backward(s.Mean(s.Mul(y, s.FromFloat32(weight, s.Describe(y).Shape...))))
				return s.Float64s(y), s.Float64s(s.Grad(leaf))
			}
			want, gradient := pooled(false, false)
			for _, last := range []bool{false, true} {
				got, of := pooled(true, last)
				if !slices.Equal(got, want) || len(want) == 0 {
					t.Errorf("%v, channels last %v: %v, want %v", m, last, got, want)
				}
				for i, g := range gradient {
					if !(math.Abs(of[i]-g) <= 1e-6) {
						t.Fatalf("%v, channels last %v: gradient %d is %v, want %v", m, last, i, of[i], g)
					}
				}
			}
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMaxPool3DOfImages: what is no volume is refused, and does not crash.
func TestMaxPool3DOfImages(t *testing.T) {
	e := open(t)
	for _, train := range []bool{false, true} {
		err := e.Do(t.Context(), func(s *Scope) error {
			MaxPool3D(3, 2, 1).Forward(&Pass{Scope: s, Train: train}, s.Zeros(Float32, 4, 4))
			return s.Err()
		})
		if err == nil {
			t.Errorf("training %v: two dimensions were pooled as five", train)
		}
	}
}

// TestPadChannels: zeros lie behind the channels of each sample.
func TestPadChannels(t *testing.T) {
	e := open(t)
	err := e.Do(t.Context(), func(s *Scope) error {
		got := s.Float64s(s.PadChannels(s.FromFloat32([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 1, 1, 2), 1))
		if want := []float64{1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDepthAverageIsWatched: what Grad-CAM looks at has the depth of the volume, and the mean
// over places that follows does not take its place.
func TestDepthAverageIsWatched(t *testing.T) {
	t.Parallel()
	err := open(t).Do(t.Context(), func(s *Scope) error {
		p := &Pass{Scope: s, Watch: true}
		numbers := make([]float32, 2*3*4)
		for i := range numbers {
			numbers[i] = float32(i)
		}
		var out Tensor
		s.NoGrad(func() {
			out = Sequence{DepthAverage, GlobalAverage}.Forward(p, s.FromFloat32(numbers, 1, 2, 3, 2, 2))
		})
		if got := s.Float64s(out); got[0] != 5.5 || got[1] != 17.5 {
			t.Errorf("means %v", got)
		}
		s.Backward(s.Mean(out))
		if shape := s.Describe(p.Maps).Shape; len(shape) != 5 {
			t.Errorf("maps of the shape %v", shape)
		}
		for _, g := range s.Float64s(s.Grad(p.Maps)) {
			if !(math.Abs(g-1.0/24) <= 1e-8) {
				t.Errorf("gradient %g, want %g", g, 1.0/24)
			}
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}
