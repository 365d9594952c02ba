package synth

import (
	"math/rand/v2"
	"strconv"
)

// defect is one thing that is wrong in the real collection. Plant spoils a
// study and tells which series and row it touched.
type defect struct {
	name, help string
	plant      func(s *study, r *rand.Rand) Planted
}

var defects = []defect{
	{"no_coordinates", "a study has labels but no points", func(s *study, _ *rand.Rand) Planted {
		s.points = nil
		return Planted{}
	}},
	{"point_without_label", "a row has a point, its severity is not in train.csv", func(s *study, r *rand.Rand) Planted {
		p := s.points[r.IntN(len(s.points))]
		s.labels[p.row] = -1
		return Planted{Row: s.rowID(p.row)}
	}},
	{"label_without_point", "a row has a severity but no point", func(s *study, r *rand.Rand) Planted {
		i := r.IntN(len(s.points))
		p := s.points[i]
		s.points = append(s.points[:i], s.points[i+1:]...)
		return Planted{Row: s.rowID(p.row)}
	}},
	{"canal_on_t1", "the points of the canal lie on the T1 series", func(s *study, _ *rand.Rand) Planted {
		t1 := s.of(kindT1)
		for i := range s.points {
			if s.points[i].row.condition == 0 {
				s.points[i].series = t1.id
			}
		}
		return Planted{Series: strconv.Itoa(t1.id), Row: s.rowID(row{0, 0})}
	}},
	{"swapped_sides", "left and right subarticular points of a level are swapped", func(s *study, r *rand.Rand) Planted {
		level := r.IntN(len(levels))
		left, right := s.point(row{3, level}), s.point(row{4, level})
		left.x, right.x = right.x, left.x
		return Planted{Row: s.rowID(left.row)}
	}},
	{"same_slice", "left and right foraminal points lie on one sagittal slice", func(s *study, r *rand.Rand) Planted {
		level := r.IntN(len(levels))
		left, right := s.point(row{1, level}), s.point(row{2, level})
		left.instance = right.instance
		return Planted{Row: s.rowID(left.row)}
	}},
	{"two_axial_series", "the subarticular points of a study lie in two axial series", func(s *study, _ *rand.Rand) Planted {
		first := s.of(kindAxial)
		second := *first
		second.id += 7
		s.series = append(s.series, &second)
		for i := range s.points {
			if s.points[i].row.condition == 3 {
				s.points[i].series = second.id
			}
		}
		return Planted{Series: strconv.Itoa(second.id), Row: s.rowID(row{3, 0})}
	}},
	{"odd_instances", "instance numbers of a series begin at 5031", func(s *study, _ *rand.Rand) Planted {
		se := s.of(kindT2)
		for _, sl := range se.slices {
			sl.instance += 5030
		}
		for i := range s.points {
			if s.points[i].series == se.id {
				s.points[i].instance += 5030
			}
		}
		return Planted{Series: strconv.Itoa(se.id)}
	}},
	{"two_orientations", "an axial series holds two stacks of different tilt", func(s *study, _ *rand.Rand) Planted {
		se := s.of(kindAxial)
		for _, sl := range se.slices[len(se.slices)/2:] {
			sl.tilt = 15
		}
		return Planted{Series: strconv.Itoa(se.id)}
	}},
	{"mixed_shapes", "one slice of a series has another size", func(s *study, _ *rand.Rand) Planted {
		se := s.of(kindT2)
		se.slices[0].rows += 8
		se.slices[0].columns += 8
		return Planted{Series: strconv.Itoa(se.id)}
	}},
	{"no_spacing_between", "SpacingBetweenSlices is absent", func(s *study, _ *rand.Rand) Planted {
		se := s.of(kindT1)
		se.gap = false
		return Planted{Series: strconv.Itoa(se.id)}
	}},
	{"empty_labels", "five severities of a study are empty, with their points gone", func(s *study, _ *rand.Rand) Planted {
		kept := s.points[:0]
		for _, p := range s.points {
			if p.row.condition != 3 {
				kept = append(kept, p)
			}
		}
		s.points = kept
		for l := range levels {
			s.labels[row{3, l}] = -1
		}
		return Planted{Row: s.rowID(row{3, 0})}
	}},
	{"missing_series", "a study has no T1 series, nor points on one", func(s *study, _ *rand.Rand) Planted {
		se := s.of(kindT1)
		kept := s.points[:0]
		for _, p := range s.points {
			if p.series != se.id {
				kept = append(kept, p)
			}
		}
		s.points, s.series = kept, s.series[1:]
		return Planted{Series: strconv.Itoa(se.id), Row: s.rowID(row{1, 0})}
	}},
	{"missing_file", "the image of a point is not there", func(s *study, r *rand.Rand) Planted {
		p := s.points[r.IntN(len(s.points))]
		s.slice(p).missing = true
		return Planted{Series: strconv.Itoa(p.series), Row: s.rowID(p.row)}
	}},
	{"truncated_file", "the image of a point is cut off", func(s *study, r *rand.Rand) Planted {
		p := s.points[r.IntN(len(s.points))]
		s.slice(p).truncated = true
		return Planted{Series: strconv.Itoa(p.series), Row: s.rowID(p.row)}
	}},
	{"point_outside", "a point lies beyond its image", func(s *study, r *rand.Rand) Planted {
		p := &s.points[r.IntN(len(s.points))]
		p.x += 5000
		return Planted{Row: s.rowID(p.row)}
	}},
	{"blank_slice", "the image of a point is black all over", func(s *study, r *rand.Rand) Planted {
		p := s.points[r.IntN(len(s.points))]
		s.slice(p).blank = true
		s.slice(p).scene.noise = 0
		return Planted{Series: strconv.Itoa(p.series), Row: s.rowID(p.row)}
	}},
}

// DefectNames lists what may be planted.
func DefectNames() []string {
	names := make([]string, len(defects))
	for i, d := range defects {
		names[i] = d.name
	}
	return names
}

func findDefect(name string) (defect, bool) {
	for _, d := range defects {
		if d.name == name {
			return d, true
		}
	}
	return defect{}, false
}

func (s *study) of(kind string) *series {
	for _, se := range s.series {
		if se.kind == kind {
			return se
		}
	}
	return s.series[0]
}

func (s *study) point(w row) *point {
	for i := range s.points {
		if s.points[i].row == w {
			return &s.points[i]
		}
	}
	return &point{}
}

func (s *study) slice(p point) *slice {
	for _, se := range s.series {
		for _, sl := range se.slices {
			if se.id == p.series && sl.instance == p.instance {
				return sl
			}
		}
	}
	return &slice{}
}
