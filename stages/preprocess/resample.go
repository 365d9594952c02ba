package preprocess

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Steps.Add("resample", "scales to a pixel spacing in millimetres", Resample{Millimetres: 0.5, By: "linear"})
}

// Resample scales so that neighbouring pixels lie the given distance apart in
// both directions. The size is rounded to whole pixels, as nnU-Net does, so the
// true spacing may differ by half a pixel over the whole picture. It depends on
// the file; a crop in millimetres or a resize should follow.
type Resample struct {
	Millimetres float64 `help:"distance of neighbouring pixels" unit:"mm" min:"0.01" max:"100"`
	By          string  `help:"how to interpolate" oneof:"antialias linear area cubic lanczos"`
}

// Apply scales by the file's spacing.
func (r Resample) Apply(p *Picture) error {
	if p.RowSpacing <= 0 || p.ColumnSpacing <= 0 {
		return stage.Fault{Err: fmt.Errorf("resample: the file has no PixelSpacing, so millimetres mean nothing"), Hint: "use resize, or leave the case out"}
	}
	width := math.Round(float64(p.Width) * p.ColumnSpacing / r.Millimetres)
	height := math.Round(float64(p.Height) * p.RowSpacing / r.Millimetres)
	if !(width >= 1 && height >= 1 && width <= widest && height <= widest) {
		return fmt.Errorf("resample: with a PixelSpacing of %v\\%v mm the picture has %v×%v pixels; want 1 to %d a side",
			p.RowSpacing, p.ColumnSpacing, height, width, widest)
	}
	p.scale(r.By, int(width), int(height))
	return nil
}

// Shape depends on each file's spacing.
func (Resample) Shape(in Shape) (Shape, error) { return Shape{Channels: in.Channels}, nil }

func (Resample) takesWords() {}

// Version is that of the rounding and the interpolation.
func (Resample) Version() int { return 2 }
