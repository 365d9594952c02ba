package augment

import (
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
)

// TestRotate90MovesWholePixels: of a square each pixel is one of the image, but for rounding.
func TestRotate90MovesWholePixels(t *testing.T) {
	const side = 7
	in := make([]float32, side*side)
	for i := range in {
		in[i] = float32(i) / 50
	}
	want := slices.Clone(in)
	for quarters := range 4 {
		do(t, func(s *torch.Scope) {
			p := &plan{batch: Batch{Samples: names(1)}, size: Size{side, side}, leaves: []leaf{{
				part: Rotate90{Always}, draws: []draw{{on: true, numbers: []float64{float64(quarters)}}},
			}}}
			warped, _ := p.warp(s, s.FromFloat32(in, 1, 1, side, side))
			if got := s.Float32s(warped); !(apart(got, want, side, side, 0) < 1e-6) {
				t.Errorf("%d quarters: got %v, want %v", quarters, got, want)
			}
		})
		turned := make([]float32, side*side) // counter-clockwise: the last column is the first row
		for i := range turned {
			turned[i] = want[i%side*side+side-1-i/side]
		}
		want = turned
	}
}
