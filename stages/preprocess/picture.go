package preprocess

import (
	"fmt"
	"math"
	"slices"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/kernel"
	"vertebra/stages/stage"
)

// Picture is an image on its way through the steps.
type Picture struct {
	Case stage.Case
	// File is the content of the case's image file until it is decoded; nil when
	// it has yet to be read.
	File                    []byte
	Channels, Width, Height int
	Pixels                  []float32    // channel by channel, each row by row
	words                   kernel.Words // instead of Pixels, for steps that take them as they are in the file
	// RowSpacing and ColumnSpacing are millimetres between the centres of
	// neighbouring rows and columns; 0 when the file does not say.
	RowSpacing, ColumnSpacing float64
	// Map leads from pixels of the file to pixels of this picture.
	Map Map
	// Shown is how the file says that its modality values are to be shown.
	Shown dicom.Shown
	// Order says which slices are neighbours; the step order sets it.
	Order Order
	// Slice gives statistics of the file's modality values, whatever was cut away.
	Slice func() (Statistics, error)
	// Series gives those of all slices of the series.
	Series func() (Statistics, error)
	// Neighbour gives the slice that lies offset slices further, after the steps
	// before this one; nil where the series ends.
	Neighbour func(offset int) (*Picture, error)
	// Whole gives all slices that the sample is; nil with Neighbour.
	Whole func() (Whole, error)
	// Warnings collects what a reader of the report should know.
	Warnings []string

	storage storage // how the result is stored, once that is decided
	record  []byte  // the result as it is stored, for a moment

	spare    *spare // where memory for pixels comes from; may be nil
	darkened bool   // padding was replaced: these are not the file's values
	lazy     bool   // decode may leave words; whoever runs the steps makes numbers of them
}

// Whole is the slices of a sample in order: those of the stack that a labelled point lies in,
// or without a point those of all stacks of its series.
type Whole struct {
	At, Of int // which one the picture is, from 0, and how many there are
	// Slice gives one after the steps before this one, the picture itself in its place; of one
	// that is broken the nearest.
	Slice func(i int) (*Picture, error)
}

// numbers turns words into Pixels.
func (p *Picture) numbers() {
	if p.words.Bytes != nil {
		p.Pixels = p.spare.take(p.words.Len())
		p.words.Floats(p.Pixels)
		p.words = kernel.Words{}
	}
}

// bytes is how much memory the pixels take.
func (p *Picture) bytes() int { return 4*len(p.Pixels) + len(p.words.Bytes) }

// spare is memory of pictures that are done with, of one worker.
type spare struct {
	free    [][]float32
	scratch []float32
}

// rows gives memory for n numbers, until it is asked for others.
func (s *spare) rows(n int) []float32 {
	if s == nil {
		return make([]float32, n)
	}
	s.scratch = slices.Grow(s.scratch[:0], n)[:n]
	return s.scratch
}

// take gives memory for n numbers, of any content.
func (s *spare) take(n int) []float32 {
	if s != nil {
		for i, m := range s.free {
			if cap(m) >= n && cap(m) > 0 {
				s.free = slices.Delete(s.free, i, i+1)
				return m[:n]
			}
		}
	}
	return make([]float32, n)
}

// give takes memory back that nobody uses any more.
func (s *spare) give(m []float32) {
	const most = 4
	if s == nil || cap(m) == 0 {
		return
	}
	if len(s.free) == most {
		s.free = s.free[1:]
	}
	s.free = append(s.free, m)
}

// Statistics are of many values.
type Statistics interface {
	// Percentiles interpolates as numpy.percentile does; 0 and 100 are the ends.
	Percentiles(percents []float64) ([]float64, error)
	// MeanStd gives the mean and the standard deviation of the population.
	MeanStd() (mean, std float64, err error)
}

// Order says how the slices of a series are put in order.
type Order struct{ By, Direction string }

// Map is an affine map of places: x' = XX·x + XY·y + X0, y' = YX·x + YY·y + Y0.
type Map struct{ XX, XY, X0, YX, YY, Y0 float64 }

// Identity leaves places where they are.
var Identity = Map{XX: 1, YY: 1}

// Of maps a place.
func (m Map) Of(p stage.Point) stage.Point {
	return stage.Point{X: m.XX*p.X + m.XY*p.Y + m.X0, Y: m.YX*p.X + m.YY*p.Y + m.Y0}
}

// Then gives the map that does m first, and n after it.
func (m Map) Then(n Map) Map {
	return Map{
		XX: n.XX*m.XX + n.XY*m.YX, XY: n.XX*m.XY + n.XY*m.YY, X0: n.XX*m.X0 + n.XY*m.Y0 + n.X0,
		YX: n.YX*m.XX + n.YY*m.YX, YY: n.YX*m.XY + n.YY*m.YY, Y0: n.YX*m.X0 + n.YY*m.Y0 + n.Y0,
	}
}

// scale is how many pixels of the picture lie along one of the original image, on average over
// directions.
func (m Map) scale() float64 { return math.Sqrt(math.Abs(m.XX*m.YY - m.XY*m.YX)) }

// scaling is the map of a resize with half-pixel centres; sx and sy are how many
// old pixels a new one spans.
func scaling(sx, sy float64) Map {
	return Map{XX: 1 / sx, X0: 0.5/sx - 0.5, YY: 1 / sy, Y0: 0.5/sy - 0.5}
}

// Point is where the labelled place is in this picture.
func (p *Picture) Point() (stage.Point, error) {
	if p.Case.Point == nil {
		return stage.Point{}, stage.Fault{Err: fmt.Errorf("the case has no point"), Hint: "crop around: centre, or leave crop out of preprocess to use whole images"}
	}
	at := p.Map.Of(*p.Case.Point)
	if math.IsNaN(at.X+at.Y) || math.IsInf(at.X+at.Y, 0) {
		return at, fmt.Errorf("the point is at (%v, %v)", at.X, at.Y)
	}
	return at, nil
}

// Plane is one channel, row by row.
func (p *Picture) Plane(channel int) []float32 {
	n := p.Width * p.Height
	return p.Pixels[channel*n : (channel+1)*n]
}

// replace gives the picture new pixels, of another size perhaps. What plane is
// given to fill holds anything.
func (p *Picture) replace(width, height int, plane func(channel int, out []float32)) {
	pixels := p.spare.take(p.Channels * width * height)
	for c := range p.Channels {
		plane(c, pixels[c*width*height:(c+1)*width*height])
	}
	p.spare.give(p.Pixels)
	p.Width, p.Height, p.Pixels, p.words = width, height, pixels, kernel.Words{}
}

// warn adds a warning.
func (p *Picture) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// resample replaces the pixels by what the taps of both directions take of them.
func (p *Picture) resample(across, down kernel.Taps) {
	old := *p
	p.replace(across.Outputs(), down.Outputs(), func(c int, out []float32) {
		if old.words.Bytes != nil {
			old.words.Resample(old.Width, across, down, p.spare.rows(kernel.Scratch*old.Width), out)
		} else {
			kernel.Resample(old.Plane(c), old.Width, across, down, p.spare.rows(kernel.Scratch*old.Width), out)
		}
	})
}

// clone copies what steps may overwrite. Words they never do.
func (p *Picture) clone() *Picture {
	q := *p
	q.Pixels, q.spare, q.record = slices.Clone(p.Pixels), nil, nil
	q.Warnings = slices.Clone(p.Warnings)
	return &q
}

// check says what is wrong with a picture that a step left behind.
func (p *Picture) check() error {
	if n := len(p.Pixels) + p.words.Len(); p.Channels < 1 || p.Width < 1 || p.Height < 1 || n != p.Channels*p.Width*p.Height {
		return fmt.Errorf("the picture is %d×%d×%d with %d pixels", p.Channels, p.Height, p.Width, n)
	}
	return nil
}
