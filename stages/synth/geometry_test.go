package synth

import (
	"math"
	"testing"

	"vertebra/stages/arrangement"
)

// at is where a pixel of a slice lies in the patient, mm, by its file's geometry (PS3.3,
// C.7.6.2.1.1).
func (s *study) at(se *series, sl *slice, x, y float64) arrangement.Place {
	p, o := s.body.geometry(se, sl)
	for i := range p {
		p[i] += o[i]*x*sl.columnSpacing + o[3+i]*y*sl.rowSpacing
	}
	return arrangement.Place{X: p[0], Y: p[1], Z: p[2]}
}

// The series of a study share a frame: a level's point on the sagittal T2 series lies beside
// those on the level's axial slices, but for the pixels that clicks are off.
func TestSeriesShareAFrame(t *testing.T) {
	t.Parallel()
	near, all := 0, 0
	for _, s := range newStudies(Options{Seed: 42, Studies: 200}.filled()) {
		for l := range levels {
			p := s.point(row{canal, l})
			x, y := p.pixel()
			middle := s.at(p.series, p.slice, x, y)
			for _, condition := range []int{leftRecess, rightRecess, leftForamen, rightForamen} {
				q := s.point(row{condition, l})
				x, y := q.pixel()
				beside := s.at(q.series, q.slice, x, y)
				dy, dz := beside.Y-middle.Y, beside.Z-middle.Z
				if math.Abs(dy) > 10 || math.Abs(dz) > 10 {
					t.Errorf("study %d: a point of %s lies %.1f mm behind and %.1f mm above the canal's", s.id, levels[l], dy, dz)
				}
				if q.series.kind == axialT2 {
					all++
					if math.Abs(dz) < axialGap {
						near++
					}
				}
				if left := condition == leftRecess || condition == leftForamen; (beside.X > middle.X) != left {
					t.Errorf("study %d: %s of %s lies %.1f mm to the left of the canal", s.id, conditions[condition], levels[l], beside.X-middle.X)
				}
			}
		}
	}
	t.Logf("%d of %d axial points less than a slice from the canal's", near, all)
	if float64(near) < 0.88*float64(all) { // a tenth of one side's lie a slice off
		t.Errorf("%d of %d axial points less than a slice from the canal's", near, all)
	}
}

// Axial slices look alike at all levels, yet offsets that train studies teach tell those of
// test studies theirs.
func TestLevelsFollowFromGeometry(t *testing.T) {
	t.Parallel()
	opt := Options{Seed: 42, Studies: 40, Test: 30}.filled()
	learnt := newStudies(opt)
	var names []string
	places := make([][]*arrangement.Place, len(learnt))
	for c := range conditions {
		for l := range levels {
			names = append(names, row{c, l}.column())
			for i, s := range learnt {
				p := s.point(row{c, l})
				x, y := p.pixel()
				at := s.at(p.series, p.slice, x, y)
				places[i] = append(places[i], &at)
			}
		}
	}
	a := arrangement.Fit(names, places)
	right, exact, all := 0, 0, 0
	for _, s := range newTestStudies(opt, learnt) {
		candidates, slicesOf := s.undecided()
		chosen := a.Choose(candidates)
		for k := leftRecess * len(levels); k < len(names); k++ {
			w := row{k / len(levels), k % len(levels)}
			sl := slicesOf[chosen[k]]
			all++
			if sl.level == w.level {
				right++
			}
			if sl == s.point(w).slice {
				exact++
			}
		}
	}
	t.Logf("%d of %d at the right level, %d on the very slice", right, all, exact)
	if float64(right) < 0.99*float64(all) {
		t.Errorf("%d of %d axial points came to their level", right, all)
	}
}

// undecided are the candidates of a study's names: sagittal points as they are, axial ones on
// each slice with the same chance.
func (s *study) undecided() ([][]arrangement.Candidate, []*slice) {
	var out [][]arrangement.Candidate
	axial := s.of(axialT2).slices
	for c := range conditions {
		for l := range levels {
			p := s.point(row{c, l})
			on := []*slice{p.slice}
			if p.series.kind == axialT2 {
				on = axial
			}
			x, y := p.pixel()
			var own []arrangement.Candidate
			for _, sl := range on {
				at := s.at(p.series, sl, x, y)
				own = append(own, arrangement.Candidate{At: &at, Chance: 1 / float64(len(on))})
			}
			out = append(out, own)
		}
	}
	return out, axial
}
