package synth

import (
	"math/rand/v2"
	"slices"
)

// Defects of the tables: rows, points and series that do not fit together.

func noCoordinates(s *study, _ *rand.Rand) Planted {
	s.points = nil
	return Planted{Rows: s.ofCondition(canal, leftForamen, rightForamen, leftRecess, rightRecess)}
}

func pointWithoutLabel(s *study, r *rand.Rand) Planted {
	p := s.anyPoint(r)
	delete(s.labels, p.row)
	return Planted{Series: p.series.name(), Rows: []string{s.rowID(p.row)}}
}

func labelWithoutPoint(s *study, r *rand.Rand) Planted {
	w := s.anyPoint(r).row
	s.drop(w, false)
	return Planted{Rows: []string{s.rowID(w)}}
}

// canalOnT1 puts the points where they would be on the T1 series' middle slice.
func canalOnT1(s *study, _ *rand.Rand) Planted {
	t1 := s.of(sagittalT1)
	for i := range s.points {
		p := &s.points[i]
		if p.row.condition != canal {
			continue
		}
		x, y := p.series.look.pose.toBody(p.u, p.v)
		p.u, p.v = t1.look.pose.toPicture(x, y)
		p.series, p.slice = t1, t1.slices[len(t1.slices)/2]
	}
	return Planted{Series: t1.name(), Rows: s.ofCondition(canal)}
}

func swappedSides(s *study, r *rand.Rand) Planted {
	level := r.IntN(len(levels))
	left, right := s.point(row{leftRecess, level}), s.point(row{rightRecess, level})
	right.slice = left.slice
	left.u, left.v, right.u, right.v = right.u, right.v, left.u, left.v
	return Planted{Series: left.series.name(), Rows: []string{s.rowID(left.row), s.rowID(right.row)}}
}

func sameSlice(s *study, r *rand.Rand) Planted {
	level := r.IntN(len(levels))
	left, right := s.point(row{leftForamen, level}), s.point(row{rightForamen, level})
	left.slice = right.slice
	return Planted{Series: left.series.name(), Rows: []string{s.rowID(left.row), s.rowID(right.row)}}
}

// twoAxialSeries adds a second axial series, with noise of its own, and moves the
// left side's points there.
func twoAxialSeries(s *study, r *rand.Rand) Planted {
	second, copies := s.again(s.of(axialT2), r)
	for i := range s.points {
		if p := &s.points[i]; p.row.condition == leftRecess {
			p.series, p.slice = second, copies[p.slice]
		}
	}
	return Planted{Series: second.name(), Rows: s.ofCondition(leftRecess, rightRecess)}
}

// again adds a second series like another, with noise of its own.
func (s *study) again(first *series, r *rand.Rand) (*series, map[*slice]*slice) {
	second := *first
	second.id, second.number, second.slices = first.id+1, len(s.series)+1, nil
	copies := map[*slice]*slice{}
	for _, sl := range first.slices {
		twin := *sl
		twin.noise = r.Uint64()
		copies[sl] = &twin
		second.slices = append(second.slices, &twin)
	}
	s.series = append(s.series, &second)
	return &second, copies
}

func emptyLabels(s *study, _ *rand.Rand) Planted {
	for l := range levels {
		s.drop(row{leftRecess, l}, true)
	}
	return Planted{Rows: s.ofCondition(leftRecess)}
}

// missingSeries keeps the labels: the real table has them too.
func missingSeries(s *study, _ *rand.Rand) Planted {
	gone := s.of(sagittalT1)
	kept := s.series[:0]
	for _, se := range s.series {
		if se != gone {
			kept = append(kept, se)
		}
	}
	s.series = kept
	for _, c := range []int{leftForamen, rightForamen} {
		for l := range levels {
			s.drop(row{c, l}, false)
		}
	}
	return Planted{Series: gone.name(), Rows: s.ofCondition(leftForamen, rightForamen)}
}

func pointOutside(s *study, r *rand.Rand) Planted {
	p := s.anyPoint(r)
	p.u += 3 * float64(p.slice.columns) * p.slice.columnSpacing
	return Planted{Series: p.series.name(), Rows: []string{s.rowID(p.row)}, File: s.path(p.series, p.slice)}
}

func extraSeries(s *study, r *rand.Rand) Planted {
	second, _ := s.again(s.of(sagittalT1), r)
	return Planted{Series: second.name()}
}

// farApart moves the left point by three slices, to where there are three.
func farApart(s *study, r *rand.Rand) Planted {
	p := s.point(row{leftRecess, r.IntN(len(levels))})
	at := slices.Index(p.series.slices, p.slice)
	to := at + 3
	if to >= len(p.series.slices) {
		to = at - 3
	}
	p.slice = p.series.slices[to]
	return Planted{Series: p.series.name(), Rows: []string{s.rowID(p.row)}}
}

func wrongLevel(s *study, r *rand.Rand) Planted {
	level := r.IntN(len(levels) - 1)
	upper, lower := s.point(row{canal, level}), s.point(row{canal, level + 1})
	upper.u, upper.v, lower.u, lower.v = lower.u, lower.v, upper.u, upper.v
	return Planted{Series: upper.series.name(), Rows: []string{s.rowID(upper.row), s.rowID(lower.row)}}
}

func duplicatePoint(s *study, r *rand.Rand) Planted {
	p := *s.anyPoint(r)
	s.points = append(s.points, p)
	return Planted{Series: p.series.name(), Rows: []string{s.rowID(p.row)}}
}

func misspeltLabel(s *study, r *rand.Rand) Planted {
	w := s.anyPoint(r).row
	s.cells = map[row]string{w: "Sever"}
	return Planted{Rows: []string{s.rowID(w)}}
}

// publishedStudy takes the id of a study of the real collection that
// brendanartley/RSNA-2024-Competition leaves out.
func publishedStudy(s *study, _ *rand.Rand) Planted {
	s.id = 3637444890
	return Planted{}
}
