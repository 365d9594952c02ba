package preprocess

import (
	"math"
	"sync"

	"vertebra/stages/internal/kernel"
)

// tap is what one output pixel takes from its neighbourhood in the input.
type tap struct {
	first   int
	weights []float32 // sum 1
}

// kernels are the ways to interpolate, by the word in the file.
var kernels = map[string]func(in, out int) []tap{
	"antialias": antialiasTaps, "linear": linearTaps, "area": areaTaps, "cubic": cubicTaps, "lanczos": lanczosTaps,
}

// antialiasTaps weighs the inputs of each output by a triangle around its
// centre, widened when shrinking; see compute_indices_weights_aa in PyTorch's
// UpSampleKernel.cpp.
func antialiasTaps(in, out int) []tap {
	scale := float64(in) / float64(out)
	radius := max(scale, 1)
	all := make([]tap, out)
	slab := make([]float32, 0, out*(2*int(math.Ceil(radius))+1))
	for i := range all {
		centre := (float64(i) + 0.5) * scale
		first := max(0, int(math.Floor(centre-radius+0.5)))
		last := min(in, int(math.Floor(centre+radius+0.5)))
		weight := func(j int) float64 { return max(0, 1-math.Abs(float64(j)+0.5-centre)/radius) }
		sum, start := 0.0, len(slab)
		for j := first; j < last; j++ {
			sum += weight(j)
		}
		for j := first; j < last; j++ {
			slab = append(slab, float32(weight(j)/sum))
		}
		all[i] = tap{first, slab[start:]}
	}
	return all
}

// linearTaps are those of OpenCV's INTER_LINEAR: half-pixel centres, two inputs
// whatever the scale, the edge repeated.
func linearTaps(in, out int) []tap {
	return pointTaps(in, out, func(part float64) []float64 { return []float64{1 - part, part} })
}

// cubicTaps are those of OpenCV's INTER_CUBIC: Keys' kernel with a = −0.75.
func cubicTaps(in, out int) []tap {
	const a = -0.75
	near := func(x float64) float64 { return ((a+2)*x-(a+3))*x*x + 1 }
	far := func(x float64) float64 { return ((a*x-5*a)*x+8*a)*x - 4*a }
	return pointTaps(in, out, func(part float64) []float64 {
		return []float64{far(1 + part), near(part), near(1 - part), far(2 - part)}
	})
}

// lanczosTaps are those of OpenCV's INTER_LANCZOS4: eight inputs, sinc(x)·sinc(x/4),
// scaled to sum 1.
func lanczosTaps(in, out int) []tap {
	return pointTaps(in, out, func(part float64) []float64 {
		weights, sum := make([]float64, 8), 0.0
		for i := range weights {
			weights[i] = lanczos4(part + 3 - float64(i))
			sum += weights[i]
		}
		for i := range weights {
			weights[i] /= sum
		}
		return weights
	})
}

func lanczos4(x float64) float64 {
	if math.Abs(x) < 1e-9 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x * math.Sin(x/4) / (x / 4)
}

// pointTaps takes an even number of inputs around each output's centre, by a
// kernel of how far the centre lies beyond the input to its left. What falls
// outside is given to the edge.
func pointTaps(in, out int, kernel func(part float64) []float64) []tap {
	scale := float64(in) / float64(out)
	all := make([]tap, out)
	for i := range all {
		centre := (float64(i)+0.5)*scale - 0.5
		floor := math.Floor(centre)
		weights := kernel(centre - floor)
		all[i] = clamped(int(floor)-len(weights)/2+1, weights, in)
	}
	return all
}

// clamped gives weights of inputs that are not there to the nearest that is.
func clamped(first int, weights []float64, in int) tap {
	low, high := min(max(first, 0), in-1), min(max(first+len(weights)-1, 0), in-1)
	t := tap{low, make([]float32, high-low+1)}
	for i, w := range weights {
		t.weights[min(max(first+i, low), high)-low] += float32(w)
	}
	return t
}

// areaTaps are those of OpenCV's INTER_AREA: shrinking, each input counts by the
// share of the output's square that it covers. Enlarging, see enlargedAreaTaps.
func areaTaps(in, out int) []tap {
	scale := float64(in) / float64(out)
	if scale < 1 {
		return enlargedAreaTaps(in, out)
	}
	all := make([]tap, out)
	for i := range all {
		from, to := float64(i)*scale, min(float64(i+1)*scale, float64(in))
		first, last := int(from+1e-9), min(int(math.Ceil(to-1e-9)), in)
		var weights []float32
		for j := first; j < last; j++ {
			weights = append(weights, float32((min(to, float64(j+1))-max(from, float64(j)))/(to-from)))
		}
		all[i] = tap{first, weights}
	}
	return all
}

// enlargedAreaTaps interpolates only within the output pixel that straddles two
// inputs, as OpenCV does: elsewhere the output repeats an input.
func enlargedAreaTaps(in, out int) []tap {
	scale, inverse := float64(in)/float64(out), float64(out)/float64(in)
	all := make([]tap, out)
	for i := range all {
		at := math.Floor(float64(i) * scale)
		part := float64(i+1) - (at+1)*inverse
		if part <= 0 {
			part = 0
		} else {
			part -= math.Floor(part)
		}
		all[i] = clamped(int(at), []float64{1 - part, part}, in)
	}
	return all
}

// tapsFor gives the taps of both directions. OpenCV takes areas only when both
// directions shrink.
func tapsFor(by string, width, height, toWidth, toHeight int) (across, down kernel.Taps) {
	if by == "area" && (toWidth > width || toHeight > height) {
		by = "enlarged area"
	}
	return tapsOf(scaled{by, width, toWidth}), tapsOf(scaled{by, height, toHeight})
}

// scaled is one direction of a resize.
type scaled struct {
	by      string
	in, out int
}

// knownTaps keeps the taps of some sizes: most images of a data set share theirs.
var knownTaps struct {
	sync.Mutex
	of map[scaled]kernel.Taps
}

const mostTaps = 256 // directions in knownTaps

func tapsOf(s scaled) kernel.Taps {
	knownTaps.Lock()
	t, known := knownTaps.of[s]
	knownTaps.Unlock()
	if known {
		return t
	}
	t = s.taps()
	knownTaps.Lock()
	defer knownTaps.Unlock()
	if len(knownTaps.of) >= mostTaps || knownTaps.of == nil {
		knownTaps.of = map[scaled]kernel.Taps{}
	}
	knownTaps.of[s] = t
	return t
}

func (s scaled) taps() kernel.Taps {
	ways := kernels[s.by]
	if s.by == "enlarged area" {
		ways = enlargedAreaTaps
	}
	all := ways(s.in, s.out)
	first, weights := []int{}, [][]float32{}
	for _, t := range all {
		first, weights = append(first, t.first), append(weights, t.weights)
	}
	return kernel.NewTaps(s.in, first, weights)
}
