package synth

import (
	"math"
	"math/rand/v2"
)

const (
	sagittalHeight = 184.0 // of the picture, mm
	sagittalGap    = 4.5   // between slices, mm
	foramenSide    = 13.5  // of the labelled foraminal slices from the middle one, mm
	canalMiddle    = 9.5   // behind the bodies' back wall, mm
	foramenMiddle  = 6.5   // the same
	foramenAbove   = 3.0   // of the foramen's centre above the disc's, mm
)

// addSagittal makes slices from the patient's right to the left. On T2 the
// middle slice bears the points of the canal; on T1 one slice on either side
// those of its foramina.
func (s *study) addSagittal(r *rand.Rand, opt Options, used map[int]bool, k kind) {
	se := s.newSeries(r, used, k)
	columns := math.Round(float64(opt.Size) * uniform(r, 0.9, 1.15))
	proto := slice{columns: int(columns), columnSpacing: sagittalHeight / 1.6 / columns}
	proto.rowSpacing = proto.columnSpacing
	if r.Float64() < 0.1 {
		proto.rowSpacing *= 1.1
	}
	proto.rows = int(math.Round(sagittalHeight / proto.rowSpacing))
	backwards, stride := r.Float64() < 0.3, 1
	if r.Float64() < 0.1 {
		stride = 2 // instance numbers with gaps
	}
	for i := range opt.Slices {
		sl := proto
		sl.place, sl.noise = float64(i-opt.Slices/2)*sagittalGap, r.Uint64()
		sl.instance = 1 + stride*i
		if backwards {
			sl.instance = 1 + stride*(opt.Slices-1-i)
		}
		se.slices = append(se.slices, &sl)
	}
	middle, side := opt.Slices/2, int(foramenSide/sagittalGap)
	if k == sagittalT2 {
		s.markLevels(r, se, canal, se.slices[middle], canalMiddle, 0)
		return
	}
	s.markLevels(r, se, leftForamen, se.slices[middle+side], foramenMiddle, -foramenAbove)
	s.markLevels(r, se, rightForamen, se.slices[middle-side], foramenMiddle, -foramenAbove)
}

// markLevels labels a condition on one slice at all five levels.
func (s *study) markLevels(r *rand.Rand, se *series, condition int, sl *slice, t, below float64) {
	for l := range levels {
		y, v := s.body.rebend(t, s.body.depth(l)+below)
		s.mark(r, se, sl, row{condition, l}, y, v)
	}
}

// site is a place in a sagittal picture, in millimetres along the bent spine.
type site struct {
	x, aside float64 // to the patient's left of the middle, and off it
	t        float64 // behind the bodies' back wall
	w        float64 // down the spine
	below    float64 // the middle of the nearest disc
	level    int     // of that disc; see nearest
}

// disc says whether the place is next to one of the five discs, and not above
// them or at the sacrum.
func (p site) disc() bool { return p.level >= 0 && p.level < len(levels) }

// sagittal gives the brightness of a place on a slice x millimetres to the
// patient's left of the middle.
func (a *anatomy) sagittal(b *brush, x, y, v float64) float64 {
	p := site{x: x, aside: math.Abs(x)}
	p.t, p.w = a.unbend(y, v)
	p.level, p.below = a.nearest(p.w)
	value := p.around(b, y, v)
	value = a.column(b, value, p)
	if p.aside < 8 {
		value = a.spinous(b, value, p)
		return a.canalAt(b, value, p)
	}
	return a.foramenAt(b, value, p)
}

// around is what lies before and behind the spine: vessels, bowel and fat;
// muscle, fat and skin.
func (p site) around(b *brush, y, v float64) float64 {
	texture := b.grain.at(y/3, v/9)
	value := b.muscle * (1 + 0.45*texture)
	if streak := b.grain.at(y/2.2+20, v/16+7); streak > 0.45 {
		value = b.over(value, b.fat*0.8, -b.soft*(streak-0.45)*4)
	}
	value = b.over(value, b.fat*(1+0.08*texture), 40-y+3*b.grain.at(v/30, 3))
	value = b.over(value, b.air, 52-y+2*b.grain.at(v/40, 9))
	if p.t < -20 {
		front := b.fat*0.55 + 0.3*b.muscle*b.grain.at(y/9+31, v/11)
		value = b.over(value, front, p.t+31)
		if p.aside < 11 {
			value = b.over(value, b.vessel, math.Abs(p.t+43)-6)
		}
	}
	return value
}

// column is a body or a disc.
func (a *anatomy) column(b *brush, value float64, p site) float64 {
	l := lumbar(p.level)
	half := a.disc[l] / 2
	waist := math.Min(math.Abs(p.below)-half, a.step/2-half) / (a.step / 2) // 0 at the end plate, about 0.7 between
	front := -31 + 4*waist
	value = b.bone(value, math.Abs(p.t-front/2)+front/2) // the bodies, as one column with a rim
	if p.level >= len(levels) {
		return value
	}
	if plate := math.Abs(p.below) - half; plate < 1+b.soft {
		inColumn := max(math.Abs(p.t-front/2)+front/2-0.8, plate)
		value = b.over(value, b.cortex, inColumn-1)
		value = b.over(value, b.ring, inColumn)
		core := b.ring + (b.core-b.ring)*max(a.hydration[l], 0)
		value = b.over(value, core, ellipse(p.t-front/2, p.below, 10.5, half*0.72))
	}
	return value
}

// spinous is the process behind the canal, and the dark ligament before it.
func (a *anatomy) spinous(b *brush, value float64, p site) float64 {
	if p.aside > 5 {
		return value
	}
	drop := p.below - 0.3*(p.t-20)
	for _, d := range []float64{drop - 10, drop - 10 + a.step} {
		value = b.bone(value, pill(p.t-31, d, 11, 5.5))
	}
	return value
}

// canalAt is the band of fluid. It is of its full width between the discs and
// narrows at each disc to the width of the level's label, or less to the sides.
func (a *anatomy) canalAt(b *brush, value float64, p site) float64 {
	width := a.canal
	if p.disc() {
		near := p.below * p.below / 36
		width += (a.width[canal][p.level] - width) / (1 + near*near*near)
	}
	width *= math.Sqrt(1 - p.aside*p.aside/90)
	off := math.Abs(p.t - canalMiddle)
	value = b.over(value, b.cortex*1.6, off-a.canal/2-2.2) // wall, bulging disc and ligament
	value = b.over(value, b.fluid, off-width/2)
	strand := p.t - canalMiddle - 0.18*width + 0.6*b.grain.at(p.w/12, 5)
	roots := 0.25 * max(0, 1-p.aside/6) * (1 + b.grain.at(p.t*1.5, p.w/10))
	value = b.over(value, b.fluid+(b.nerve-b.fluid)*roots, max(math.Abs(strand)-0.2*width, off-width/2+0.8))
	tip := p.w - a.depth(0) + 11 // the cord ends above L1/L2
	cord := max(math.Abs(p.t-canalMiddle-0.5)-3.6+max(0, (tip+11)/6), tip)
	return b.over(value, b.nerve, cord+max(0, p.aside-3))
}

// foramenAt is the row of foramina between the pedicles, each with fat around
// a nerve root. Between canal and foramina the pedicles are all there is.
func (a *anatomy) foramenAt(b *brush, value float64, p site) float64 {
	t, below := p.t, p.below
	value = b.bone(value, box(t-21-0.25*below, below, 7.5, 40)) // articular processes
	joint := math.Abs(t-20-0.35*below) - 0.8
	value = b.over(value, b.fluid*0.5+b.ring*0.5, max(joint, math.Abs(below+1)-8))
	value = b.over(value, b.ring, box(t-6.5, below, 7.5, 40)) // ligament and disc fill what fat leaves
	for _, d := range []float64{below - 12.5, below - 12.5 + a.step} {
		value = b.bone(value, pill(t-6, d, 9, 5)) // pedicles
	}
	if p.aside < 12 || p.aside > 20 || p.level >= len(levels) {
		return value
	}
	condition := leftForamen
	if p.x < 0 {
		condition = rightForamen
	}
	width := healthy[condition]
	if p.disc() {
		width = a.width[condition][p.level]
	}
	up := below + foramenAbove
	fat := ellipse(t-foramenMiddle, up, width/2, 9)
	value = b.over(value, b.fat, max(fat, math.Abs(up)-8.5))
	return b.over(value, b.nerve, ellipse(t-foramenMiddle, up+5, min(2.2, width*0.22), 2.2))
}
