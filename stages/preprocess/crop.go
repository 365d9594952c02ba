package preprocess

import (
	"errors"
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Steps.Add("crop", "cuts a rectangle around the labelled point, around two points, or around the centre", Crop{Around: "point", Outside: "edge"},
		"crop: {around: point, millimetres: 80}")
}

// Crop cuts a square whose side is given in millimetres (by the file's pixel
// spacing), in pixels or in spacings of vertebral levels, which differ from patient to patient, or a rectangle that is a fraction of the picture's width
// and height, as tf.image.central_crop does. The size that comes out is the
// file's own unless it is given in pixels, so a resize should follow. Around the
// centre it takes whole pixels, as torchvision's CenterCrop; around points it
// samples bilinearly, so that the centre is exact below a pixel.
type Crop struct {
	Around        string   `help:"what the centre is: the labelled point, the middle of two named points of the series, or the middle of the picture" oneof:"point two_points centre"`
	Millimetres   float64  `help:"side of the square; 0 when another size is given" unit:"mm" min:"0" max:"2000"`
	Pixels        int      `help:"side of the square in pixels of the picture; 0 when another size is given" unit:"px" min:"0" max:"8192"`
	Fraction      float64  `help:"part of the picture's width and height; 0 when another size is given" min:"0" max:"1"`
	LevelSpacings float64  `help:"side of the square as a multiple of the spacing of levels: the median distance of neighbouring ones of the same condition on the series, in the patient where the files tell how they lie there; of points with the tag level. A size beside it counts where one level alone is marked; without one such cases are dropped. 0 when another size is given" min:"0" max:"100"`
	Distances     float64  `help:"side of the square as a multiple of the distance of the two points; 0 when another size is given" min:"0" max:"100"`
	Points        []string `help:"names of the two points, such as left_subarticular_stenosis; for around: two_points"`
	Level         bool     `help:"turn the square so that the first point lies left of the second at the same height; for around: two_points"`
	Outside       string   `help:"what lies outside the picture: its edge repeated, or 0" oneof:"edge zero"`
}

// widest is the longest side of a crop, in pixels: a file's spacing may lie.
const widest = 8192

// Validate wants exactly one size, and two points where two are meant.
func (c Crop) Validate() error {
	sizes, levels := 0, c.LevelSpacings > 0
	for _, given := range []bool{c.Millimetres > 0, c.Pixels > 0, c.Fraction > 0, c.Distances > 0} {
		if given {
			sizes++
		}
	}
	two := c.Around == "two_points"
	switch {
	case sizes > 1 || sizes == 0 && !levels:
		return errors.New("want one of millimetres, pixels, fraction, distances and level_spacings, such as {around: point, millimetres: 80}")
	case levels && (c.Around == "centre" || c.Distances > 0):
		return errors.New("level_spacings is for around: point, or two_points without distances; beside it may be millimetres, pixels or fraction for where the spacing is not known")
	case two && (len(c.Points) != 2 || c.Points[0] == c.Points[1]):
		return errors.New("around: two_points wants the names of two points, such as points: [left_subarticular_stenosis, right_subarticular_stenosis]")
	case !two && (len(c.Points) > 0 || c.Distances > 0 || c.Level):
		return errors.New("points, distances and level belong to around: two_points")
	}
	return nil
}

// Needs is the place, unless the centre is meant.
func (c Crop) Needs() Needs { return Needs{Point: c.Around != "centre", Spacing: c.LevelSpacings > 0} }

// Apply cuts.
func (c Crop) Apply(p *Picture) error {
	if c.Around == "centre" && c.Millimetres == 0 {
		width, height := c.Pixels, c.Pixels
		if c.Fraction > 0 {
			width, height = share(p.Width, c.Fraction), share(p.Height, c.Fraction)
		}
		c.centre(p, width, height)
		return nil
	}
	centre, turn, distance, err := c.place(p)
	if err != nil {
		return fmt.Errorf("crop: %w", err)
	}
	f, err := c.frame(p, distance)
	if err != nil {
		return fmt.Errorf("crop: %w", err)
	}
	f.centre, f.turn = centre, turn
	p.sample(f, c.Outside == "zero")
	return nil
}

func share(n int, fraction float64) int { return max(1, int(math.Round(float64(n)*fraction))) }

// centre cuts whole pixels as torchvision does, whose rounding is to even.
func (c Crop) centre(p *Picture, width, height int) {
	start := func(have, want int) int {
		if want > have {
			return -((want - have) / 2)
		}
		return int(math.RoundToEven(float64(have-want) / 2))
	}
	left, top := start(p.Width, width), start(p.Height, height)
	if c.Outside == "zero" || width <= p.Width && height <= p.Height {
		p.cut(left, top, width, height)
		return
	}
	p.sample(frame{centre: stage.Point{X: float64(left) + float64(width-1)/2, Y: float64(top) + float64(height-1)/2}, turn: [2]float64{1, 0},
		stepX: 1, stepY: 1, width: width, height: height}, false)
}

// place gives the centre, the direction of the new rows (cosine and sine), and
// the distance of two points, in pixels of the picture.
func (c Crop) place(p *Picture) (centre stage.Point, turn [2]float64, distance float64, err error) {
	turn = [2]float64{1, 0}
	switch c.Around {
	case "centre":
		return stage.Point{X: float64(p.Width-1) / 2, Y: float64(p.Height-1) / 2}, turn, 0, nil
	case "two_points":
		return c.between(p)
	}
	centre, err = p.Point()
	return centre, turn, 0, err
}

// between finds the two named points in this picture's image, or where one was marked on another
// slice of its series, there: slices of a series have the same pixels.
func (c Crop) between(p *Picture) (centre stage.Point, turn [2]float64, distance float64, err error) {
	var at [2]*stage.Point
	for _, m := range p.Case.Marks {
		for i, name := range c.Points {
			here := m.Image == p.Case.Image
			if m.Name == name && m.Point != nil && (here || at[i] == nil && beside(m, p.Case)) {
				place := p.Map.Of(*m.Point)
				at[i] = &place
			}
		}
	}
	for i, name := range c.Points {
		if at[i] == nil {
			return centre, turn, 0, fmt.Errorf("neither the image nor another of its series has a point %s", name)
		}
	}
	dx, dy := at[1].X-at[0].X, at[1].Y-at[0].Y
	distance = math.Hypot(dx, dy)
	if !(distance > 0) || math.IsInf(distance, 0) {
		return centre, turn, 0, fmt.Errorf("the points lie %v pixels apart", distance)
	}
	turn = [2]float64{1, 0}
	if c.Level {
		turn = [2]float64{dx / distance, dy / distance}
	}
	return stage.Point{X: at[0].X + dx/2, Y: at[0].Y + dy/2}, turn, distance, nil
}

// beside says whether a place is marked in the series of a case.
func beside(m stage.Mark, of stage.Case) bool { return m.Series != "" && m.Series == of.Series }

// frame sizes the crop: how far its pixels lie apart in the picture's, and how
// many there are.
func (c Crop) frame(p *Picture, distance float64) (frame, error) {
	levels := p.Case.Spacing
	switch {
	case c.LevelSpacings > 0 && levels.Millimetres:
		return square(p, c.LevelSpacings*levels.Length)
	case c.LevelSpacings > 0 && levels.Length > 0:
		return whole(c.LevelSpacings * levels.Length * p.Map.scale())
	case c.Pixels > 0:
		return frame{stepX: 1, stepY: 1, width: c.Pixels, height: c.Pixels}, nil
	case c.Fraction > 0:
		return frame{stepX: 1, stepY: 1, width: share(p.Width, c.Fraction), height: share(p.Height, c.Fraction)}, nil
	case c.Distances > 0:
		return whole(c.Distances * distance)
	case c.Millimetres > 0:
		return square(p, c.Millimetres)
	}
	return frame{}, errors.New("no other level is marked on the series, so the spacing of levels is not known; crop may have a size for these beside level_spacings, such as millimetres: 60")
}

// whole is a square of as many of the picture's pixels.
func whole(side float64) (frame, error) {
	side = math.Round(side)
	if !(side >= 1 && side <= widest) {
		return frame{}, fmt.Errorf("the side has %v pixels; want 1 to %d", side, widest)
	}
	return frame{stepX: 1, stepY: 1, width: int(side), height: int(side)}, nil
}

// square has a side in millimetres, and pixels as far apart as the picture's closer ones.
func square(p *Picture, millimetres float64) (frame, error) {
	if p.RowSpacing <= 0 || p.ColumnSpacing <= 0 {
		return frame{}, errors.New("the file has no PixelSpacing, so millimetres mean nothing; give the side in pixels")
	}
	fine := min(p.RowSpacing, p.ColumnSpacing)
	wanted := math.Round(millimetres / fine)
	if wanted < 1 || wanted > widest {
		return frame{}, fmt.Errorf("with a PixelSpacing of %v\\%v mm the side has %v pixels; want 1 to %d",
			p.RowSpacing, p.ColumnSpacing, wanted, widest)
	}
	return frame{stepX: fine / p.ColumnSpacing, stepY: fine / p.RowSpacing, width: int(wanted), height: int(wanted)}, nil
}

// Shape depends on each file, unless the side is given in pixels.
func (c Crop) Shape(in Shape) (Shape, error) {
	if c.Around == "centre" && c.Fraction > 0 && in.Width > 0 && in.Height > 0 {
		return Shape{in.Channels, share(in.Height, c.Fraction), share(in.Width, c.Fraction)}, nil
	}
	if c.LevelSpacings > 0 { // and pixels only where that is not known
		return Shape{in.Channels, 0, 0}, nil
	}
	return Shape{in.Channels, c.Pixels, c.Pixels}, nil
}

func (Crop) takesWords() {}

// Version is that of the sampling.
func (Crop) Version() int { return 3 }
