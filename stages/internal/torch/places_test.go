package torch

import (
	"math"
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
)

// TestPlaces compares cells of points, and places that cells say, with NumPy's (testdata/places.py).
func TestPlaces(t *testing.T) {
	var want struct {
		Height, Width, Stride int64
		Reach                 float64
		Places                []float32
		Points                [][]float32
		Image, Cells, Still   []int64
		Logits                []float32
		Radius, Modes         int64
		Found                 [][]float64
	}
	parity.Read(t, "testdata/places.json", &want)
	g := Grid{want.Height, want.Width, want.Stride}
	onDevices(t, func(t *testing.T, e *Engine) {
		do(t, e, func(s *Scope) {
			points := s.FromFloat32(slices.Concat(want.Points...), int64(len(want.Points)), 2)
			places := s.FromFloat32(want.Places, 2, g.Height, g.Width, 2)
			for name, c := range map[string]struct {
				places Tensor
				want   []int64
			}{"moved": {places, want.Cells}, "still": {Tensor{}, want.Still}} {
				got := s.Float64s(s.Cells(c.places, want.Image, points, g, want.Reach))
				for i := range c.want {
					if s.Err() != nil || got[i] != float64(c.want[i]) {
						t.Errorf("%s: got cells %v, want %v; %v", name, got, c.want, s.Err())
						break
					}
				}
			}
			cells := g.Height / g.Stride * (g.Width / g.Stride)
			got := s.Float64s(s.Found(s.FromFloat32(want.Logits, 5, cells+1), g, want.Radius, want.Modes))
			all := slices.Concat(want.Found...)
			if len(got) != len(all) {
				t.Fatalf("got %d numbers, want %d; %v", len(got), len(all), s.Err())
			}
			for i, v := range all {
				if !(math.Abs(got[i]-v) <= 1e-5*max(1, math.Abs(v))) {
					t.Errorf("found number %d: got %v, want %v", i, got[i], v)
				}
			}
		})
	})
}

// TestCellsCheck wants errors in place of crashes.
func TestCellsCheck(t *testing.T) {
	e := open(t)
	g := Grid{32, 32, 4}
	for name, work := range map[string]func(s *Scope) Tensor{
		"no points": func(s *Scope) Tensor { return s.Cells(Tensor{}, nil, Tensor{}, g, 4) },
		"other image": func(s *Scope) Tensor {
			return s.Cells(s.Zeros(Float32, 1, 32, 32, 2), []int64{3}, s.Zeros(Float32, 1, 2), g, 4)
		},
		"no logits": func(s *Scope) Tensor { return s.Found(Tensor{}, g, 2, 1) },
	} {
		err := e.Do(t.Context(), func(s *Scope) error { work(s); return s.Err() })
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
