package augment

import (
	"math"
	"math/rand/v2"

	"vertebra/stages/internal/torch"
)

func init() {
	Augmentations.Add("stain", "changes how strongly a slide of tissue took its stains: haematoxylin, eosin and DAB", Stain{When: Always, By: 0.05})
}

// Stain takes an image of tissue apart into the optical densities of its stains (colour
// deconvolution, Ruifrok and Johnston 2001), multiplies each by a factor from U(1−By, 1+By) and
// adds a number from U(−By, By), in the units of skimage.color.rgb2hed of old, where 1 is the
// density of a transmission of 1e-6 (Tellez et al. 2018; HED jitter). What is negative stays so.
type Stain struct {
	By float64 `help:"largest change of the factor of each stain, and of what is added to it" min:"0" max:"1"`
	When
}

// darkest is the least transmission: black has no logarithm.
const darkest = 1e-6

// stains is what a unit of haematoxylin, eosin and DAB takes of red, green and blue, and
// unmixing its inverse.
var (
	stains   = Matrix{0.65, 0.70, 0.29, 0.07, 0.99, 0.11, 0.27, 0.57, 0.78}
	unmixing = stains.reciprocal()
)

// Draw draws the factors, then what is added.
func (a Stain) Draw(r *rand.Rand, _ Size) (out []float64) {
	for range 3 {
		out = append(out, uniform(r, 1-a.By, 1+a.By))
	}
	for range 3 {
		out = append(out, uniform(r, -a.By, a.By))
	}
	return out
}

// Apply changes all stains at once: of the logarithms of an image that is a matrix and an addend.
func (a Stain) Apply(m Images) torch.Tensor {
	if !m.Colours {
		return m.Images_NCHW
	}
	return m.eachColour(func(rgb [3]torch.Tensor) (out [3]torch.Tensor) {
		for c := range rgb {
			rgb[c] = m.Log(m.Clamp(rgb[c], darkest, 1))
		}
		for c := range out {
			sum := m.Per(func(numbers []float64) float64 { return restained(numbers, c, -1) })
			for d := range rgb {
				sum = m.Scale(rgb[d], m.Per(func(numbers []float64) float64 { return restained(numbers, c, d) }), sum)
			}
			out[c] = m.Clamp(m.Exp(sum), 0, 1)
		}
		return out
	})
}

// restained is how much of the logarithm of channel d goes into that of channel c; of d = −1, what
// is added to it.
func restained(numbers []float64, c, d int) (out float64) {
	for s := range 3 {
		if d < 0 {
			out += numbers[3+s] * math.Log(darkest) * stains[3*s+c]
		} else {
			out += unmixing[3*d+s] * numbers[s] * stains[3*s+c]
		}
	}
	return out
}

func (Stain) ofColours() {}
