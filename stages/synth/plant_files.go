package synth

import "math/rand/v2"

// Defects of the image files.

func oddInstances(s *study, _ *rand.Rand) Planted {
	se := s.of(sagittalT2)
	for _, sl := range se.slices {
		sl.instance += 5030
	}
	return Planted{Series: se.name()}
}

// twoOrientations tilts the lower levels' slices, as scanners do that follow
// the discs.
func twoOrientations(s *study, _ *rand.Rand) Planted {
	se := s.of(axialT2)
	for _, sl := range se.slices {
		if sl.level >= 3 {
			sl.tilt = 15
		}
	}
	return Planted{Series: se.name()}
}

// mixedShapes makes the outer slices larger, and the middle one, which bears
// the points.
func mixedShapes(s *study, _ *rand.Rand) Planted {
	se := s.of(sagittalT2)
	n := len(se.slices)
	for _, i := range []int{0, n / 2, n - 1} {
		se.slices[i].rows += 12
		se.slices[i].columns += 8
	}
	return Planted{Series: se.name()}
}

func noSpacingBetween(s *study, _ *rand.Rand) Planted {
	se := s.of(sagittalT1)
	se.gap = false
	return Planted{Series: se.name()}
}

// onFile spoils the file of some point, and with it all points on that file.
func onFile(s *study, r *rand.Rand, spoil func(*slice)) Planted {
	p := s.anyPoint(r)
	spoil(p.slice)
	return Planted{Series: p.series.name(), Rows: s.onSlice(p.slice), File: s.path(p.series, p.slice)}
}

func missingFile(s *study, r *rand.Rand) Planted {
	return onFile(s, r, func(sl *slice) { sl.missing = true })
}

func truncatedFile(s *study, r *rand.Rand) Planted {
	return onFile(s, r, func(sl *slice) { sl.truncated = true })
}

func blankSlice(s *study, r *rand.Rand) Planted {
	return onFile(s, r, func(sl *slice) { sl.blank = true })
}
