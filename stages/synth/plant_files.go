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

func copiedImage(s *study, r *rand.Rand) Planted {
	level := r.IntN(len(levels))
	left, right := s.point(row{leftForamen, level}), s.point(row{rightForamen, level})
	left.slice.pixelsOf = right.slice
	return Planted{Series: left.series.name(), Rows: s.onSlice(left.slice), File: s.path(left.series, left.slice)}
}

// missingSlice takes the second T2 slice away, far from the middle one with the
// points.
func missingSlice(s *study, _ *rand.Rand) Planted {
	se := s.of(sagittalT2)
	se.slices[1].missing = true
	return Planted{Series: se.name(), File: s.path(se, se.slices[1])}
}

// repeatedSlice adds a slice at the place of the first.
func repeatedSlice(s *study, r *rand.Rand) Planted {
	se := s.of(sagittalT2)
	twin := *se.slices[0]
	twin.noise = r.Uint64()
	for _, sl := range se.slices {
		twin.instance = max(twin.instance, sl.instance+1)
	}
	se.slices = append(se.slices, &twin)
	return Planted{Series: se.name(), File: s.path(se, &twin)}
}

func foreignSlice(s *study, _ *rand.Rand) Planted {
	se := s.of(sagittalT2)
	se.slices[0].foreign = true
	return Planted{Series: se.name(), File: s.path(se, se.slices[0])}
}

func noPosition(s *study, _ *rand.Rand) Planted {
	return onSeries(s.of(sagittalT1), func(se *series) { se.unplaced = true })
}

func patientName(s *study, _ *rand.Rand) Planted {
	return onSeries(s.of(sagittalT1), func(se *series) { se.named = true })
}

func privateElements(s *study, _ *rand.Rand) Planted {
	return onSeries(s.of(sagittalT2), func(se *series) { se.private = true })
}

func burnedIn(s *study, _ *rand.Rand) Planted {
	return onSeries(s.of(axialT2), func(se *series) { se.burned = true })
}

func onSeries(se *series, spoil func(*series)) Planted {
	spoil(se)
	return Planted{Series: se.name()}
}
