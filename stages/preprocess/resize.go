package preprocess

import (
	"errors"
	"math"
)

func init() {
	Steps.Add("resize", "scales to one size", Resize{Pixels: 224, By: "antialias", Aspect: "stretch"})
}

// Resize scales to a square, or to a rectangle when Height is given. The ways to
// interpolate equal these references: antialias is torchvision's resize with
// antialias=True and Pillow's BILINEAR (a triangle that widens when shrinking);
// linear, area, cubic and lanczos are OpenCV's INTER_LINEAR, INTER_AREA,
// INTER_CUBIC and INTER_LANCZOS4. Cubic and lanczos overshoot at edges; after a
// window, what leaves [0, 1] is clipped when it is stored.
type Resize struct {
	Pixels int    `help:"columns, and rows unless height is given" unit:"px" min:"1" max:"4096"`
	Height int    `help:"rows, where they differ from the columns; 0 for a square" unit:"px" min:"0" max:"4096"`
	By     string `help:"how to interpolate; linear as OpenCV, which aliases when it shrinks" oneof:"antialias linear area cubic lanczos"`
	Aspect string `help:"what to do with a picture of another aspect: stretch it, scale its longest side and pad with 0, or scale its shortest side and cut the rest away" oneof:"stretch pad crop"`
}

func (r Resize) size() (width, height int) {
	if r.Height == 0 {
		return r.Pixels, r.Pixels
	}
	return r.Pixels, r.Height
}

// Apply scales pixels and spacing.
func (r Resize) Apply(p *Picture) error {
	if p.Width < 1 || p.Height < 1 {
		return errors.New("resize: the picture has no pixels")
	}
	width, height := r.size()
	toWidth, toHeight := r.inner(p.Width, p.Height)
	p.scale(r.by(), toWidth, toHeight)
	if toWidth != width || toHeight != height {
		p.cut((toWidth-width)/2, (toHeight-height)/2, width, height)
	}
	return nil
}

func (r Resize) by() string {
	if r.By == "" {
		return "antialias"
	}
	return r.By
}

// inner is the size before padding or cutting.
func (r Resize) inner(fromWidth, fromHeight int) (width, height int) {
	width, height = r.size()
	sx, sy := float64(width)/float64(fromWidth), float64(height)/float64(fromHeight)
	scale := min(sx, sy)
	switch r.Aspect {
	case "crop":
		scale = max(sx, sy)
	case "pad":
	default:
		return width, height
	}
	round := func(n int) int { return max(1, int(math.Round(float64(n)*scale))) }
	return round(fromWidth), round(fromHeight)
}

// scale resamples to a size.
func (p *Picture) scale(by string, width, height int) {
	if width == p.Width && height == p.Height {
		return
	}
	sx, sy := float64(p.Width)/float64(width), float64(p.Height)/float64(height)
	p.resample(tapsFor(by, p.Width, p.Height, width, height))
	p.ColumnSpacing, p.RowSpacing = p.ColumnSpacing*sx, p.RowSpacing*sy
	p.Map = p.Map.Then(scaling(sx, sy))
}

// cut takes a rectangle of whole pixels; outside the picture lies 0.
func (p *Picture) cut(left, top, width, height int) {
	p.numbers()
	old := *p
	p.replace(width, height, func(c int, out []float32) {
		from := old.Plane(c)
		clear(out)
		for y := max(0, -top); y < height && y+top < old.Height; y++ {
			first, last := max(0, -left), min(width, old.Width-left)
			if first < last {
				copy(out[y*width+first:y*width+last], from[(y+top)*old.Width+left+first:])
			}
		}
	})
	p.Map = p.Map.Then(Map{XX: 1, YY: 1, X0: -float64(left), Y0: -float64(top)})
}

// Shape is the chosen size.
func (r Resize) Shape(in Shape) (Shape, error) {
	width, height := r.size()
	return Shape{in.Channels, height, width}, nil
}

func (Resize) takesWords() {}

// Version is that of the interpolation.
func (Resize) Version() int { return 3 }
