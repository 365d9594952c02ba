package preprocess

import (
	"errors"
	"math"
)

func init() { Steps.Add("resize", "scales to a square of the given side", Resize{Pixels: 224}) }

// Resize interpolates bilinearly with half-pixel centres; when it shrinks, the
// triangle is widened by the factor, so that nothing aliases: the same as
// torchvision's resize with antialias=True and Pillow's BILINEAR. Whatever comes
// in, a square comes out; the aspect is not kept, so crop first.
type Resize struct {
	Pixels int `help:"side of the square" unit:"px" min:"1" max:"4096"`
}

// Apply scales pixels, spacing and point.
func (r Resize) Apply(p *Picture) error {
	if p.Width < 1 || p.Height < 1 {
		return errors.New("resize: the picture has no pixels")
	}
	sx, sy := float64(p.Width)/float64(r.Pixels), float64(p.Height)/float64(r.Pixels)
	p.Pixels = resample(p.Pixels, p.Width, p.Height, r.Pixels, r.Pixels)
	p.Width, p.Height = r.Pixels, r.Pixels
	p.ColumnSpacing, p.RowSpacing = p.ColumnSpacing*sx, p.RowSpacing*sy
	if p.Point != nil {
		p.Point.X, p.Point.Y = (p.Point.X+0.5)/sx-0.5, (p.Point.Y+0.5)/sy-0.5
	}
	return nil
}

// resample scales along rows, then along columns.
func resample(pixels []float32, width, height, toWidth, toHeight int) []float32 {
	across := taps(width, toWidth)
	rows := make([]float32, height*toWidth)
	for y := range height {
		from, to := pixels[y*width:(y+1)*width], rows[y*toWidth:(y+1)*toWidth]
		for x, t := range across {
			var sum float32
			for i, v := range from[t.first : t.first+len(t.weights)] {
				sum += t.weights[i] * v
			}
			to[x] = sum
		}
	}
	out := make([]float32, toHeight*toWidth)
	for y, t := range taps(height, toHeight) {
		to := out[y*toWidth : (y+1)*toWidth]
		for i, weight := range t.weights {
			from := rows[(t.first+i)*toWidth:][:len(to)]
			for x, v := range from {
				to[x] += weight * v
			}
		}
	}
	return out
}

// tap is what one output pixel takes from its neighbourhood in the input.
type tap struct {
	first   int
	weights []float32 // sum 1
}

// taps weighs the inputs of each output by a triangle around its centre; see
// compute_indices_weights_aa in PyTorch's UpSampleKernel.cpp.
func taps(in, out int) []tap {
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

// Shape is the square.
func (r Resize) Shape(in Shape) (Shape, error) { return Shape{in.Channels, r.Pixels, r.Pixels}, nil }

// Version is that of the interpolation.
func (Resize) Version() int { return 1 }
