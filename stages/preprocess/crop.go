package preprocess

import (
	"errors"
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Steps.Add("crop", "cuts a square around the labelled point", Crop{Around: "point"}, "crop: {around: point, millimetres: 80}")
}

// Crop cuts a square whose centre is the point, given in millimetres (by the
// file's pixel spacing) or in pixels. What lies outside the image repeats its
// edge. The height and width that come out are the file's own unless the side is
// given in pixels, so a resize should follow.
type Crop struct {
	Around      string  `help:"what the centre is" oneof:"point"`
	Millimetres float64 `help:"side of the square; 0 when pixels is given" unit:"mm" min:"0" max:"2000"`
	Pixels      int     `help:"side of the square in pixels of the file; 0 when millimetres is given" unit:"px" min:"0" max:"8192"`
}

// widest is the longest side of a crop, in pixels: a file's spacing may lie.
const widest = 8192

// Validate wants exactly one side.
func (c Crop) Validate() error {
	if (c.Millimetres > 0) == (c.Pixels > 0) {
		return errors.New("want either millimetres or pixels, such as {around: point, millimetres: 80}")
	}
	return nil
}

// Apply samples the square bilinearly at the resolution of the file's finer
// axis, so that the centre is exact below a pixel and pixels come out square.
func (c Crop) Apply(p *Picture) error {
	if p.Point == nil {
		return stage.Fault{Err: errors.New("crop: the case has no point to crop around"), Hint: "leave crop out of preprocess to use whole images"}
	}
	if math.IsNaN(p.Point.X+p.Point.Y) || math.IsInf(p.Point.X+p.Point.Y, 0) {
		return fmt.Errorf("crop: the point is at (%v, %v)", p.Point.X, p.Point.Y)
	}
	stepX, stepY, side, err := c.steps(p)
	if err != nil {
		return err
	}
	out := make([]float32, side*side)
	middle := float64(side-1) / 2
	for j := range side {
		y := p.Point.Y + (float64(j)-middle)*stepY
		for i := range side {
			out[j*side+i] = p.at(p.Point.X+(float64(i)-middle)*stepX, y)
		}
	}
	p.RowSpacing, p.ColumnSpacing = p.RowSpacing*stepY, p.ColumnSpacing*stepX
	p.Width, p.Height, p.Pixels = side, side, out
	p.Point = &stage.Point{X: middle, Y: middle}
	return nil
}

// steps gives how far neighbours of the crop lie apart in the picture's pixels,
// and how many there are on a side.
func (c Crop) steps(p *Picture) (x, y float64, side int, err error) {
	if c.Pixels > 0 {
		return 1, 1, c.Pixels, nil
	}
	if p.RowSpacing <= 0 || p.ColumnSpacing <= 0 {
		return 0, 0, 0, errors.New("crop: the file has no PixelSpacing, so millimetres mean nothing; give the side in pixels")
	}
	fine := min(p.RowSpacing, p.ColumnSpacing)
	wanted := math.Round(c.Millimetres / fine)
	if wanted < 1 || wanted > widest {
		return 0, 0, 0, fmt.Errorf("crop: with a PixelSpacing of %v\\%v mm the side has %v pixels; want 1 to %d",
			p.RowSpacing, p.ColumnSpacing, wanted, widest)
	}
	return fine / p.ColumnSpacing, fine / p.RowSpacing, int(wanted), nil
}

// at interpolates bilinearly; outside, the edge is repeated.
func (p *Picture) at(x, y float64) float32 {
	x = min(max(x, 0), float64(p.Width-1))
	y = min(max(y, 0), float64(p.Height-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, p.Width-1), min(y0+1, p.Height-1)
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	top := p.Pixels[y0*p.Width+x0]*(1-fx) + p.Pixels[y0*p.Width+x1]*fx
	bottom := p.Pixels[y1*p.Width+x0]*(1-fx) + p.Pixels[y1*p.Width+x1]*fx
	return top*(1-fy) + bottom*fy
}

// Shape depends on each file's spacing, unless the side is given in pixels.
func (c Crop) Shape(in Shape) (Shape, error) {
	return Shape{in.Channels, c.Pixels, c.Pixels}, nil
}

// Version is that of the sampling.
func (Crop) Version() int { return 1 }
