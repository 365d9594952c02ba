package synth

import (
	"math"
	"math/rand/v2"
)

// healthy is the width of the bright structure of each condition in millimetres:
// fluid from front to back in the canal and the lateral recess, fat from front to
// back in the foramen. Wider than in people, so that small pictures resolve them.
var healthy = [5]float64{canal: 13, leftForamen: 11, rightForamen: 11, leftRecess: 10, rightRecess: 10}

// narrowing is the part of the healthy width that is left, for each class: mean
// and standard deviation, and the limits. The means lie apart by far more than a
// zoom of 10 % can hide; the tails touch, as borderline cases do, so that about 3 %
// of the labels cannot be told from the width.
var narrowing = [3]struct{ mean, spread, least, most float64 }{
	{1.02, 0.12, 0.74, 1.3}, {0.6, 0.08, 0.4, 0.8}, {0.29, 0.05, 0.2, 0.46},
}

// anatomy is one patient's spine. The sagittal frame is y to the back and v
// downwards, the axial one x to the patient's left and y to the back; both in
// millimetres, around the disc L3/L4.
type anatomy struct {
	step      float64 // between two discs
	lordosis  float64 // how far the middle of the spine lies before its ends
	canal     float64 // width of the canal between the discs
	width     [5][5]float64
	disc      [5]float64 // height
	hydration [5]float64 // brightness of the disc's core, 0 to 1
	origin    [3]float64 // of the scanner's frame
}

func newAnatomy(r *rand.Rand, labels map[row]int) anatomy {
	a := anatomy{step: uniform(r, 28.5, 31.5), lordosis: uniform(r, 2, 9), canal: healthy[canal] * uniform(r, 1, 1.15)}
	for l := range levels {
		for c := range conditions {
			n := narrowing[labels[row{c, l}]]
			a.width[c][l] = healthy[c] * min(max(n.mean+n.spread*r.NormFloat64(), n.least), n.most)
		}
		a.hydration[l] = uniform(r, 0.1, 1) - 0.15*float64(labels[row{canal, l}])
		a.disc[l] = uniform(r, 6.5, 10) - 0.8*float64(labels[row{canal, l}])
	}
	a.origin = [3]float64{uniform(r, -20, 20), uniform(r, -30, 30), uniform(r, -60, 60)}
	return a
}

// depth is how far below L3/L4 a level's disc lies.
func (a *anatomy) depth(level int) float64 { return float64(level-2) * a.step }

// bend gives how far back the spine lies at a depth, and its slope there: the
// lumbar spine bends forward, the sacrum back.
func (a *anatomy) bend(v float64) (y, slope float64) {
	const half = 70.0
	k := a.lordosis / (half * half)
	y, slope = k*v*v-a.lordosis, 2*k*v
	if below := v - a.depth(4); below > 0 {
		y, slope = y+0.01*below*below, slope+0.02*below
	}
	return y, slope
}

// unbend gives coordinates along the bent spine: t behind the bodies' back wall,
// w downwards along it.
func (a *anatomy) unbend(y, v float64) (t, w float64) {
	back, slope := a.bend(v)
	t = y - back
	return t, v + slope*t
}

// rebend is the inverse of unbend, for places near the spine.
func (a *anatomy) rebend(t, w float64) (y, v float64) {
	v = w
	for range 8 {
		_, slope := a.bend(v)
		v = w - slope*t
	}
	back, _ := a.bend(v)
	return t + back, v
}

// nearest gives the disc next to a depth and how far below its middle that is.
// Level -1 is T12/L1; from 5 on it is the sacrum, which has no discs.
func (a *anatomy) nearest(w float64) (level int, below float64) {
	level = max(int(math.Round(w/a.step))+2, -1)
	return level, w - a.depth(level)
}

// lumbar brings levels beyond the five to the next of them.
func lumbar(level int) int { return min(max(level, 0), len(levels)-1) }
