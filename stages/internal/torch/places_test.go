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
		Image                 []int64
		Cells, Still          [][][2]float64
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
				want   [][][2]float64
			}{"moved": {places, want.Cells}, "still": {Tensor{}, want.Still}} {
				got := s.Float64s(s.Cells(c.places, want.Image, points, g, want.Reach))
				each := len(got) / max(1, len(c.want))
				for i, shares := range c.want {
					left := slices.Clone(got[i*each : (i+1)*each])
					for _, one := range shares {
						left[int(one[0])] -= one[1]
					}
					for cell, v := range left {
						if !(math.Abs(v) <= 1e-5) {
							t.Errorf("%s: point %d, cell %d is off by %v; %v", name, i, cell, v, s.Err())
						}
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
