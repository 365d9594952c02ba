package synth

import (
	"math"
	"math/rand/v2"
	"strconv"

	"vertebra/stages/stage"
)

// The rows of a study, in the order of train.csv's columns.
var (
	conditions = []string{
		"Spinal Canal Stenosis", "Left Neural Foraminal Narrowing", "Right Neural Foraminal Narrowing",
		"Left Subarticular Stenosis", "Right Subarticular Stenosis",
	}
	levels = []string{"L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1"}
)

const (
	kindT1    = "Sagittal T1"
	kindT2    = "Sagittal T2/STIR"
	kindAxial = "Axial T2"
)

// widths are those of the bright structure at a point, in millimetres, for
// normal or mild, moderate and severe narrowing.
var widths = [3]float64{13, 8.5, 5}

// spacing between two levels, in millimetres.
const levelStep = 30.0

// row is a condition and a level, by index.
type row struct{ condition, level int }

// study is one patient's examination.
type study struct {
	id     int
	labels map[row]int // −1: the cell is empty
	points []point
	series []*series
}

func (s *study) name() string { return strconv.Itoa(s.id) }

// point is a row of train_label_coordinates.csv.
type point struct {
	row      row
	series   int // id
	instance int
	x, y     float64
}

// series is one stack of images.
type series struct {
	id                      int
	kind                    string
	rows, columns           int
	rowSpacing, colSpacing  float64
	signed, mono1, implicit bool
	slope, intercept        float64
	stored                  int     // BitsStored
	gain, offset            float64 // stored value of black, and of the range above it
	gap                     bool    // SpacingBetweenSlices is written
	slices                  []*slice
}

// slice is one file.
type slice struct {
	instance                  int
	position                  float64 // along the slice normal, mm
	scene                     scene
	tilt                      float64 // of the orientation, degrees
	rows, columns             int
	missing, truncated, blank bool
}

// newStudy makes up study number i: its own random stream, so that more studies
// leave the first ones as they are.
func newStudy(o Options, i int) *study {
	r := stage.Rand(o.Seed, "study", i)
	s := &study{id: 100_000_000 + i*7_919_000 + r.IntN(7_000_000), labels: map[row]int{}}
	s.drawLabels(r)
	frame := pose{angle: (r.Float64() - 0.5) * 12, x: (r.Float64() - 0.5) * 6, y: (r.Float64() - 0.5) * 6}
	s.addSagittal(o, r, frame, kindT1)
	s.addSagittal(o, r, frame, kindT2)
	s.addAxial(o, r, frame)
	return s
}

// drawLabels gives severities with about 55, 27 and 18 %, alike within a study
// and worse at the lower levels.
func (s *study) drawLabels(r *rand.Rand) {
	patient := r.NormFloat64()
	byLevel := []float64{-0.3, -0.15, 0, 0.3, 0.15}
	for c := range conditions {
		for l := range levels {
			score := 0.5*patient + 0.87*r.NormFloat64() + byLevel[l]
			label := 0
			if score > 0.13 {
				label = 1
			}
			if score > 0.92 {
				label = 2
			}
			s.labels[row{c, l}] = label
		}
	}
}

func (s *study) newSeries(r *rand.Rand, kind string) *series {
	se := &series{
		id: s.id%1_000_000*1000 + 101*(len(s.series)+1) + r.IntN(90), kind: kind,
		signed: r.Float64() < 0.3, mono1: r.Float64() < 0.06, implicit: r.Float64() < 0.2,
		slope: 1, stored: 12 + 4*r.IntN(2), gain: 400 + 1200*r.Float64(), offset: 30 * r.Float64(), gap: r.Float64() < 0.9,
	}
	if se.signed {
		se.offset = -300 * r.Float64()
	}
	if r.Float64() < 0.2 {
		se.slope, se.intercept = 2, -50
	}
	s.series = append(s.series, se)
	return se
}

// addSagittal makes slices from the patient's right to the left. On T2 the
// middle slice shows the canal, on T1 one slice on either side its foramina.
func (s *study) addSagittal(o Options, r *rand.Rand, frame pose, kind string) {
	se := s.newSeries(r, kind)
	scale := 0.85 + 0.3*r.Float64()
	se.columns, se.rows = int(float64(o.Size)*scale), int(1.6*float64(o.Size)*scale)
	se.colSpacing = 172 / (1.6 * float64(o.Size) * scale)
	se.rowSpacing = se.colSpacing * (1 + 0.06*float64(r.IntN(2)))
	se.rows = int(172 / se.rowSpacing)
	shows := map[int]int{2: 0} // slice -> condition
	if kind == kindT1 {
		shows = map[int]int{1: 2, 3: 1}
	}
	for i := range 5 {
		sl := &slice{instance: i + 1, position: float64(i-2) * 4.5, rows: se.rows, columns: se.columns}
		condition, labelled := shows[i]
		sl.scene = newScene(r, frame, sagittal)
		for l := range levels {
			y := (float64(l) - 2) * levelStep
			width := widths[0]
			if labelled {
				width = widths[s.labels[row{condition, l}]]
			}
			at := bright{x: 12, y: y, width: width * (0.85 + 0.3*r.Float64()), height: 11, band: kind == kindT2}
			sl.scene.brights = append(sl.scene.brights, at)
			if labelled {
				s.addPoint(r, se, sl, row{condition, l}, at)
			}
		}
		se.slices = append(se.slices, sl)
	}
}

// addAxial makes two slices for each level; the second shows the recesses.
func (s *study) addAxial(o Options, r *rand.Rand, frame pose) {
	se := s.newSeries(r, kindAxial)
	se.columns = int(float64(o.Size) * (0.9 + 0.3*r.Float64()))
	se.rows = se.columns
	se.colSpacing = 95 / float64(se.columns)
	se.rowSpacing = se.colSpacing
	for i := range 2 * len(levels) {
		sl := &slice{instance: i + 1, position: -15 * float64(i), rows: se.rows, columns: se.columns}
		sl.scene = newScene(r, frame, axial)
		for side, condition := range []int{4, 3} { // the patient's right is on the left
			width := widths[0]
			if i%2 == 1 {
				width = widths[s.labels[row{condition, i / 2}]]
			}
			at := bright{x: float64(2*side-1) * 17, y: 8, width: width * (0.85 + 0.3*r.Float64()), height: 9}
			sl.scene.brights = append(sl.scene.brights, at)
			if i%2 == 1 {
				s.addPoint(r, se, sl, row{condition, i / 2}, at)
			}
		}
		se.slices = append(se.slices, sl)
	}
}

// addPoint labels the centre of a bright structure, off by about a millimetre,
// as people's clicks are.
func (s *study) addPoint(r *rand.Rand, se *series, sl *slice, w row, at bright) {
	x, y := sl.scene.pose.toImage(at.x+r.NormFloat64()*0.8, at.y+r.NormFloat64()*0.8)
	s.points = append(s.points, point{
		row: w, series: se.id, instance: sl.instance,
		x: x/se.colSpacing + float64(se.columns-1)/2, y: y/se.rowSpacing + float64(se.rows-1)/2,
	})
}

// pose is where the anatomy lies in the image: millimetres from its centre,
// turned by an angle in degrees.
type pose struct{ angle, x, y float64 }

func (p pose) toImage(x, y float64) (float64, float64) {
	sin, cos := math.Sincos(p.angle * math.Pi / 180)
	return cos*x - sin*y + p.x, sin*x + cos*y + p.y
}

func (p pose) fromImage(x, y float64) (float64, float64) {
	sin, cos := math.Sincos(p.angle * math.Pi / 180)
	x, y = x-p.x, y-p.y
	return cos*x + sin*y, -sin*x + cos*y
}
