package synth

import (
	"math"
	"math/rand/v2"
)

type view int

const (
	sagittal view = iota
	axial
)

// scene is what one image shows, in millimetres around the image's centre.
type scene struct {
	pose    pose
	view    view
	brights []bright
	biasX   float64 // brightness from left to right
	biasY   float64
	noise   float64
	seed    uint64
}

// bright is the bright structure of a labelled place. Its width runs along x.
// As a band it belongs to a canal that goes on above and below.
type bright struct {
	x, y, width, height float64
	band                bool
}

func newScene(r *rand.Rand, frame pose, v view) scene {
	return scene{
		pose: frame, view: v, biasX: (r.Float64() - 0.5) * 0.3, biasY: (r.Float64() - 0.5) * 0.3,
		noise: 0.04 + 0.06*r.Float64(), seed: r.Uint64(),
	}
}

// render gives intensities, about 0 (black) to 1 (fluid).
func (s scene) render(sl *slice, colSpacing, rowSpacing float64) []float64 {
	out := make([]float64, sl.rows*sl.columns)
	r := rand.New(rand.NewPCG(s.seed, 1))
	for j := range sl.rows {
		v := (float64(j) - float64(sl.rows-1)/2) * rowSpacing
		for i := range sl.columns {
			u := (float64(i) - float64(sl.columns-1)/2) * colSpacing
			x, y := s.pose.fromImage(u, v)
			value := s.tissue(x, y)
			value *= 1 + s.biasX*u/80 + s.biasY*v/80
			out[j*sl.columns+i] = max(0, value+s.noise*r.NormFloat64())
		}
	}
	return out
}

func (s scene) tissue(x, y float64) float64 {
	value := 0.22
	if s.view == sagittal {
		value = s.spine(x, y, value)
	} else {
		value = s.section(x, y, value)
	}
	for _, b := range s.brights {
		value = blend(value, 1, b.cover(x, y))
	}
	return value
}

// spine is a column of bodies and discs, seen from the side, with the dark rim
// of the canal's wall behind it.
func (s scene) spine(x, y, value float64) float64 {
	level := math.Round(y / levelStep)
	disc := math.Abs(y-level*levelStep) < 4.5
	body := inside(math.Abs(x+12)-14, 0.7)
	if disc {
		value = blend(value, 0.34, body)
	} else {
		value = blend(value, 0.5, body)
	}
	return blend(value, 0.08, inside(math.Abs(x-12)-9.5, 0.7))
}

// section is a body from above, the canal behind it and the dark bone around.
func (s scene) section(x, y, value float64) float64 {
	value = blend(value, 0.5, inside((math.Hypot(x/24, (y+18)/17)-1)*18, 0.8))
	value = blend(value, 0.08, inside((math.Hypot(x/30, (y-8)/10)-1)*10, 0.8))
	return blend(value, 0.75, inside((math.Hypot(x/6, (y-10)/6)-1)*6, 0.8))
}

// cover is how much of the place the structure fills, 0 to 1. A band narrows
// only near its level: between levels it has the width of a healthy canal.
func (b bright) cover(x, y float64) float64 {
	if !b.band {
		return inside((math.Hypot((x-b.x)/(b.width/2), (y-b.y)/(b.height/2))-1)*min(b.width, b.height)/2, 0.6)
	}
	if math.Abs(y-b.y) > levelStep/2 {
		return 0
	}
	near := math.Exp(-math.Pow((y-b.y)/9, 4))
	width := blend(widths[0], b.width, near)
	return inside(math.Abs(x-b.x)-width/2, 0.6)
}

// inside turns a distance to an edge (negative within) into a soft cover.
func inside(distance, softness float64) float64 {
	return 1 / (1 + math.Exp(4*distance/softness))
}

func blend(a, b, share float64) float64 { return a + (b-a)*share }
