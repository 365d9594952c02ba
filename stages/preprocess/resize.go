package preprocess

import (
	"math"
)

func init() { Steps.Add("resize", "scales to a square of the given side", Resize{Pixels: 224}) }

// Resize interpolates bilinearly with half-pixel centres; when it shrinks, the
// triangle is widened by the factor, so that nothing aliases: the same as
// torchvision's resize with antialias=True and Pillow's BILINEAR.
type Resize struct {
	Pixels int `help:"side of the square" unit:"px" min:"1" max:"4096"`
}

// Apply scales rows, then columns.
func (r Resize) Apply(p *Picture) error {
	across := taps(p.Width, r.Pixels)
	rows := make([]float32, p.Height*r.Pixels)
	for y := range p.Height {
		line := p.Pixels[y*p.Width : (y+1)*p.Width]
		for x, t := range across {
			rows[y*r.Pixels+x] = t.sum(line, 1)
		}
	}
	out := make([]float32, r.Pixels*r.Pixels)
	for y, t := range taps(p.Height, r.Pixels) {
		for x := range r.Pixels {
			out[y*r.Pixels+x] = t.sum(rows[x:], r.Pixels)
		}
	}
	sx, sy := float64(p.Width)/float64(r.Pixels), float64(p.Height)/float64(r.Pixels)
	p.Pixels, p.Width, p.Height = out, r.Pixels, r.Pixels
	p.ColumnSpacing, p.RowSpacing = p.ColumnSpacing*sx, p.RowSpacing*sy
	if p.Point != nil {
		p.Point.X, p.Point.Y = (p.Point.X+0.5)/sx-0.5, (p.Point.Y+0.5)/sy-0.5
	}
	return nil
}

// tap is what one output pixel takes from its neighbourhood in the input.
type tap struct {
	first   int
	weights []float32
}

func (t tap) sum(line []float32, stride int) float32 {
	var sum float32
	for i, w := range t.weights {
		sum += w * line[(t.first+i)*stride]
	}
	return sum
}

// taps weighs the inputs of each output by a triangle around its centre.
func taps(in, out int) []tap {
	scale := float64(in) / float64(out)
	radius := max(scale, 1)
	all := make([]tap, out)
	for i := range all {
		centre := (float64(i) + 0.5) * scale
		first := max(0, int(math.Floor(centre-radius+0.5)))
		last := min(in, int(math.Floor(centre+radius+0.5)))
		weights, sum := make([]float64, 0, last-first), 0.0
		for j := first; j < last; j++ {
			w := max(0, 1-math.Abs(float64(j)+0.5-centre)/radius)
			weights = append(weights, w)
			sum += w
		}
		all[i].first = first
		for _, w := range weights {
			all[i].weights = append(all[i].weights, float32(w/sum))
		}
	}
	return all
}

// Shape is the square.
func (r Resize) Shape(in Shape) (Shape, error) { return Shape{in.Channels, r.Pixels, r.Pixels}, nil }

// Version is that of the interpolation.
func (Resize) Version() int { return 1 }
