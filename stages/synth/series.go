package synth

import (
	"math"
	"math/rand/v2"
)

// kind is what a series shows.
type kind int

const (
	sagittalT1 kind = iota
	sagittalT2
	axialT2
)

// String is the words of train_series_descriptions.csv.
func (k kind) String() string { return [...]string{"Sagittal T1", "Sagittal T2/STIR", "Axial T2"}[k] }

// series is one stack of images and the way the scanner stored it.
type series struct {
	id       int
	kind     kind
	number   int // SeriesNumber
	slices   []*slice
	look     look
	signed   bool // PixelRepresentation 1, with negative values
	inverted bool // MONOCHROME1
	implicit bool // implicit value representations
	unfilled bool // the unused high bits of a negative number are 0
	windows  bool // two windows, where one is usual
	gap      bool // SpacingBetweenSlices is there
	unplaced bool // no ImagePositionPatient
	named    bool // a patient's name and birth date
	private  bool // private elements
	burned   bool // BurnedInAnnotation YES
	stored   int  // BitsStored
	gain     float64
	offset   float64 // stored value of black
	slope    float64 // RescaleSlope and RescaleIntercept, left out at 1 and 0
	shift    float64
}

// slice is one file.
type slice struct {
	instance                  int
	rows, columns             int
	rowSpacing, columnSpacing float64 // mm
	place                     float64 // mm along the slice normal: x of a sagittal slice, depth of an axial one
	level                     int     // the level that an axial slice shows
	tilt                      float64 // of an axial slice's orientation, degrees
	noise                     uint64  // seed
	missing, truncated, blank bool
	pixelsOf                  *slice // whose pixels it has; nil for its own
	foreign                   bool   // another SeriesInstanceUID than its neighbours
}

// look is what makes pictures of one anatomy differ between scanners and days.
type look struct {
	pose   pose
	tissue tissues
	noise  float64 // standard deviation, of the brightness of fluid
	biasU  float64 // brightness gained over 100 mm to the right
	biasV  float64 // the same downwards
	fade   float64 // brightness lost at 100 mm from the coil behind the back
	seed   uint64
}

// pose is where the body lies in the picture: turned by an angle in radians, then
// moved by millimetres.
type pose struct{ sin, cos, u, v float64 }

func newPose(r *rand.Rand, degrees, millimetres float64) pose {
	sin, cos := math.Sincos(degrees * r.NormFloat64() * math.Pi / 180)
	return pose{sin, cos, millimetres * uniform(r, -1, 1), millimetres * uniform(r, -1, 1)}
}

// toPicture turns a place in the body's frame into one in the picture.
func (p pose) toPicture(x, y float64) (u, v float64) {
	return p.cos*x - p.sin*y + p.u, p.sin*x + p.cos*y + p.v
}

// toBody is the inverse of toPicture.
func (p pose) toBody(u, v float64) (x, y float64) {
	u, v = u-p.u, v-p.v
	return p.cos*u + p.sin*v, -p.sin*u + p.cos*v
}

// newSeries draws what belongs to the scanner: numbers, not anatomy.
func (s *study) newSeries(r *rand.Rand, used map[int]bool, k kind) *series {
	se := &series{
		id: newID(r, used), kind: k, number: len(s.series) + 1, slope: 1,
		signed: r.Float64() < 0.3, inverted: r.Float64() < 0.04, implicit: r.Float64() < 0.2,
		unfilled: r.Float64() < 0.3, windows: r.Float64() < 0.1, gap: r.Float64() < 1, // a defect takes it away
		stored: [...]int{12, 12, 16}[r.IntN(3)],
	}
	se.gain, se.offset = uniform(r, 500, 1300), uniform(r, 0, 60)
	if se.stored == 16 {
		se.gain *= uniform(r, 1, 8)
	}
	if se.signed {
		se.offset = -uniform(r, 0.1, 0.4) * se.gain
	}
	if r.Float64() < 0.2 {
		se.slope, se.shift = uniform(r, 0.5, 4), math.Round(uniform(r, -100, 100))
	}
	se.look = look{
		pose: newPose(r, 3, 5), tissue: newTissues(r, k), noise: uniform(r, 0.02, 0.055),
		biasU: uniform(r, -0.15, 0.15), biasV: uniform(r, -0.15, 0.15), fade: uniform(r, 0, 0.35),
		seed: r.Uint64(),
	}
	s.series = append(s.series, se)
	return se
}

// of finds a study's first series of a kind.
func (s *study) of(k kind) *series {
	for _, se := range s.series {
		if se.kind == k {
			return se
		}
	}
	return nil
}

// mark labels a place in the body's frame, off by about a pixel, as people's
// clicks are.
func (s *study) mark(r *rand.Rand, se *series, sl *slice, w row, x, y float64) {
	u, v := se.look.pose.toPicture(x, y)
	s.points = append(s.points, point{
		row: w, series: se, slice: sl,
		u: u + jitter(r)*sl.columnSpacing, v: v + jitter(r)*sl.rowSpacing,
	})
}

// jitter is about a pixel and at most two.
func jitter(r *rand.Rand) float64 { return min(max(r.NormFloat64(), -2), 2) }

// pixel gives the point as the tables do: x and y in pixels of its slice, the
// centre of the first pixel being 0, 0.
func (p point) pixel() (x, y float64) {
	return p.u/p.slice.columnSpacing + float64(p.slice.columns-1)/2, p.v/p.slice.rowSpacing + float64(p.slice.rows-1)/2
}

func uniform(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }
