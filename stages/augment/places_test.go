package augment

import (
	"math"
	"testing"

	"vertebra/stages/internal/torch"
)

// TestPlacesSayWherePixelsWereRead: in an image whose pixels hold their own places, each pixel
// that an augmentation makes holds the place that it was read from.
func TestPlacesSayWherePixelsWereRead(t *testing.T) {
	const n, h, w = 6, 40, 56
	pixels := make([]float32, 0, n*2*h*w)
	for range n {
		for i := range h * w {
			pixels = append(pixels, float32(i%w)/w)
		}
		for i := range h * w {
			pixels = append(pixels, float32(i/w)/h)
		}
	}
	for name, recipe := range map[string]string{
		"homographies": "[rotate: {degrees: 30}, zoom, shift, shear: {axes: both}, perspective, flip]",
		"fields":       "[elastic, grid_distortion]",
		"all, of some": "[rotate: {degrees: 30, p: 0.5}, elastic: {p: 0.5}, zoom: {p: 0.5}, resized_crop: {p: 0.3}]",
	} {
		do(t, func(s *torch.Scope) {
			b := Batch{Images_BCHW: s.FromFloat32(pixels, n, 2, h, w), Samples: names(n), Seed: 5, Epoch: 1, Where: true}
			out := parse(t, recipe).Apply(s, b)
			got, places := s.Float32s(out.Images_BCHW), s.Float32s(out.Places_BHW2)
			inside := 0
			for image := range n {
				for i := range h * w {
					at := 2 * (image*h*w + i)
					x, y := float64(places[at])+(w-1)/2.0, float64(places[at+1])+(h-1)/2.0
					if x < 0 || x > w-1 || y < 0 || y > h-1 {
						continue
					}
					inside++
					readX, readY := float64(got[image*2*h*w+i])*w, float64(got[image*2*h*w+h*w+i])*h
					if !(math.Abs(readX-x) < 1e-3 && math.Abs(readY-y) < 1e-3) {
						t.Fatalf("%s: image %d, pixel %d: read at (%.3f, %.3f), said (%.3f, %.3f)", name, image, i, readX, readY, x, y)
					}
				}
			}
			if inside < n*h*w/2 {
				t.Errorf("%s: only %d of %d pixels were read inside", name, inside, n*h*w)
			}
		})
	}
}

// TestPlacesOnRequest: nobody pays for what nobody asked for, and what nothing moves needs none.
func TestPlacesOnRequest(t *testing.T) {
	do(t, func(s *torch.Scope) {
		b := Batch{Images_BCHW: images(s, pictures(2)), Samples: names(2), Seed: 5, Epoch: 1}
		if out := parse(t, "[rotate]").Apply(s, b); out.Places_BHW2.Valid() {
			t.Error("places that nobody asked for")
		}
		b.Where = true
		if out := parse(t, "[brightness]").Apply(s, b); out.Places_BHW2.Valid() {
			t.Error("places of images that nothing moved")
		}
	})
}
