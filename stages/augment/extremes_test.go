package augment

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
)

// extremes are entries at the ends of their limits.
var extremes = []string{
	"rotate: {degrees: 180}", "zoom: {by: 0.99, axes: apart}", "shift: {by: 1}", "flip: {horizontal: 1, vertical: 1}", "shear: {degrees: 89, axes: both}",
	"elastic: {alpha: 500, sigma: 0.1}", "elastic: {alpha: 1000, sigma: 50}", "perspective: {by: 0.99}", "grid_distortion: {cells: 64, by: 0.99}",
	"resized_crop: {area: [0.0001, 0.001], ratio: [0.001, 1000]}", "brightness: {by: 1}", "contrast: {by: 1}", "gamma: {by: 9}", "blur: {sigma: 50}",
	"sharpen: {amount: 10, sigma: 50}", "noise: {std: 1}", "noise: {std: 1, kind: rician}", "bias_field: {by: 3, order: 6}", "histogram_shift: {points: 50}",
	"coarse_dropout: {holes: 256, size: 1}", "mixup: {alpha: 100}", "mixup: {alpha: 0.001}", "cutmix: {alpha: 0.01}", "cutmix: {alpha: 100}",
}

// TestExtremesStayInRange puts random recipes of them on images of odd sizes, which are
// black, white, both or noise.
func TestExtremesStayInRange(t *testing.T) {
	t.Parallel()
	settings := []string{"interpolation: {method: bicubic}", "interpolation: {method: nearest}", "border: {fill: reflect}", "border: {fill: constant, value: 0.3}"}
	for round := range 100 {
		r := rand.New(rand.NewPCG(uint64(round), 1))
		list := []string{extremes[round%len(extremes)], settings[r.IntN(len(settings))]}
		for range r.IntN(3) {
			list = append(list, extremes[r.IntN(len(extremes))])
		}
		recipe := "[" + strings.Join(list, ", ") + "]"
		size := [][3]int64{{1, 1, 1}, {1, 1, 7}, {3, 9, 1}, {1, 2, 2}, {3, 5, 40}, {1, 32, 32}}[r.IntN(6)]
		n, kind := int64(1+r.IntN(5)), r.IntN(4)
		pixels := make([]float32, n*size[0]*size[1]*size[2])
		for i := range pixels {
			pixels[i] = []float32{0, 1, float32(r.IntN(2)), r.Float32()}[kind]
		}
		do(t, func(s *torch.Scope) {
			b := Batch{Images_BCHW: s.FromFloat32(pixels, n, size[0], size[1], size[2]), Samples: names(int(n)), Seed: uint64(round), Epoch: 1}
			out := parse(t, recipe).Apply(s, b)
			outside := func(v float64) bool { return !(v >= 0 && v <= 1+1e-5) } // bilinear weights add up to 1 but for rounding
			if slices.ContainsFunc(s.Float64s(out.Images_BCHW), outside) || slices.ContainsFunc(out.Share, outside) || s.Err() != nil {
				t.Errorf("%s on %d images of size %v, kind %d: pixels or shares are outside 0 to 1, or %v", recipe, n, size, kind, s.Err())
			}
			if got := s.Describe(out.Images_BCHW).Shape; !slices.Equal(got, []int64{n, size[0], size[1], size[2]}) {
				t.Errorf("%s: the shape is %v", recipe, got)
			}
		})
	}
}
