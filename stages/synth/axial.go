package synth

import (
	"math"
	"math/rand/v2"
)

const (
	axialSide   = 124.0 // of the picture, mm
	axialGap    = 4.5   // between the slices of a level, mm
	perLevel    = 3     // slices of each level; the middle one cuts the disc
	recessAside = 15.0  // of the recess's centre from the middle, mm
	recessBack  = 5.0   // behind the body's back wall, mm
	recessTilt  = 0.3   // slope by which the recess turns back to the side
)

// addAxial makes three slices for each level, from above. The middle one bears
// the points of both recesses, but at times one side's lie on a neighbour.
func (s *study) addAxial(r *rand.Rand, opt Options, used map[int]bool) {
	se := s.newSeries(r, used, axialT2)
	columns := math.Round(1.15 * float64(opt.Size) * uniform(r, 0.9, 1.1))
	proto := slice{rows: int(columns), columns: int(columns), rowSpacing: axialSide / columns, columnSpacing: axialSide / columns}
	for l := range levels {
		for i := range perLevel {
			sl := proto
			sl.instance, sl.level, sl.noise = 1+l*perLevel+i, l, r.Uint64()
			sl.place = s.body.depth(l) + float64(i-1)*axialGap
			se.slices = append(se.slices, &sl)
		}
	}
	for l := range levels {
		for side, condition := range []int{leftRecess, rightRecess} {
			off := 0
			if r.Float64() < 0.1 {
				off = 1 - 2*side
			}
			x := recessAside * float64(1-2*side)
			s.mark(r, se, se.slices[l*perLevel+1+off], row{condition, l}, x, recessBack)
		}
	}
}

// axial gives the brightness of a place on a slice that lies off the disc's
// middle by some millimetres.
func (a *anatomy) axial(b *brush, level int, off, x, y float64) float64 {
	value := a.trunk(b, x, y)
	value = a.posterior(b, value, x, y)
	value = b.over(value, b.cortex*2, ellipse(x, y-8, 23, 13)) // ligament and bone around the canal
	value = a.bodyAt(b, value, level, off, x, y)
	for side, condition := range []int{leftRecess, rightRecess} {
		aside := float64(1-2*side) * x // the side's own frame, to its side
		value = a.recess(b, value, a.width[condition][level], aside, y)
	}
	sac := 0.5*a.canal + 0.5*a.width[canal][level]
	value = b.over(value, b.fluid, ellipse(x, y-8, 9.5, sac/2))
	roots := b.nerve + (b.fluid-b.nerve)*(0.45+0.5*b.grain.at(x/1.6, y/1.6))
	return b.over(value, roots, max(ellipse(x, y-8, 8, sac/2-1), 9-y))
}

// recess is a slit of fluid from the canal to the side, of the label's width.
func (a *anatomy) recess(b *brush, value, width, aside, y float64) float64 {
	const cos = 0.957826285221151 // of the angle with that slope
	x, y := aside-recessAside, y-recessBack
	along, across := cos*(x+recessTilt*y), cos*(y-recessTilt*x)
	return b.over(value, b.fluid*0.95, ellipse(along, across, 8.5, width/2))
}

// trunk is what lies around the spine: fat, the psoas, the great vessels, the
// muscles of the back and the skin.
func (a *anatomy) trunk(b *brush, x, y float64) float64 {
	texture := b.grain.at(x/4, y/4)
	value := b.fat * (0.75 + 0.2*texture)
	value = b.over(value, b.muscle*(1+0.4*texture), ellipse(math.Abs(x)-40, y+12, 13, 16))
	value = b.over(value, b.vessel, ellipse(x-8, y+49, 8, 8))
	value = b.over(value, b.vessel*1.5, ellipse(x+13, y+47, 10, 7))
	back := b.muscle * (1 + 0.5*b.grain.at(x/2.5, y/5))
	if streak := b.grain.at(x/2+11, y/4+40); streak > 0.5 {
		back = b.fat * 0.7
	}
	value = b.over(value, back, ellipse(math.Abs(x)-24, y-36, 22, 17))
	value = b.over(value, b.fat, 50-y+x*x/300)
	return b.over(value, b.air, 58-y+x*x/220)
}

// posterior is the arch: joints with their gap, laminae and spinous process.
func (a *anatomy) posterior(b *brush, value, x, y float64) float64 {
	aside := math.Abs(x)
	value = b.bone(value, ellipse(aside-27, y-15, 7.5, 8))
	value = b.bone(value, ellipse(aside-20, y-24, 6.5, 7))
	value = b.over(value, b.fluid*0.8, max(math.Abs((aside-24)*0.55+(y-19)*0.83)-0.7, ellipse(aside-24, y-19, 6, 6)))
	value = b.bone(value, max(math.Abs(0.6*aside+0.8*y-27)-3.5, aside-20, -aside))
	return b.bone(value, pill(x, y-38, 3.5, 11))
}

// bodyAt is the disc, or on the outer slices of a level the body above or below
// it, with its pedicles.
func (a *anatomy) bodyAt(b *brush, value float64, level int, off, x, y float64) float64 {
	shape := ellipse(x, y+19, 25, 18.5)
	shape = max(shape, -ellipse(x, y-9, 22, 10.5)) // the back wall is hollow
	if math.Abs(off) > a.disc[level]/2+1 {
		return b.bone(value, shape)
	}
	value = b.over(value, b.ring, shape)
	core := b.ring + (b.core-b.ring)*max(a.hydration[level], 0)
	return b.over(value, core, ellipse(x, y+19, 16, 10.5))
}
