package synth

import "math"

// geometry gives the centre of the first pixel and the directions along a row
// and down a column (PS3.3, C.7.6.2.1.1): x to the patient's left, y to the
// back, z up. All series of a study share the body's frame.
func (a *anatomy) geometry(se *series, sl *slice) (position [3]float64, orientation [6]float64) {
	across := float64(sl.columns-1) / 2 * sl.columnSpacing
	down := float64(sl.rows-1) / 2 * sl.rowSpacing
	first := a.inPatient(se, sl, -across, -down)
	right, below := a.inPatient(se, sl, 1-across, -down), a.inPatient(se, sl, -across, 1-down)
	for i := range first {
		orientation[i], orientation[3+i] = right[i]-first[i], below[i]-first[i]
	}
	return first, orientation
}

// inPatient turns a place on a slice, in millimetres to the right of and below the
// picture's centre, into the patient's coordinates.
func (a *anatomy) inPatient(se *series, sl *slice, u, v float64) [3]float64 {
	x, y := se.look.pose.toBody(u, v)
	if se.kind != axialT2 { // x is to the back, y down
		return [3]float64{a.origin[0] + sl.place, a.origin[1] + x, a.origin[2] - y}
	}
	sin, cos := math.Sincos(sl.tilt * math.Pi / 180)
	back, _ := a.bend(a.depth(sl.level)) // the axial frame begins at the body's back wall
	return [3]float64{a.origin[0] + x, a.origin[1] + back + y*cos, a.origin[2] - sl.place - y*sin}
}
