package nifti

import "math"

// affine leads from indices of the array to millimetres: a column for each dimension and one
// for the origin. Axes are DICOM's: to the patient's left, back and head (NIfTI's run to the
// right, front and head).
type affine [3][4]float64

// place finds out how a volume lies: by the sform, or else the qform (nifti1.h, methods 3
// and 2). false where the file does not say.
func (f fields) place() (affine, bool) {
	var a affine
	switch {
	case f.sform > 0:
		a = f.srow
	case f.qform > 0:
		a = f.rotated()
	default:
		return a, false
	}
	for i := range 3 {
		for k := range 4 {
			if !finite(a[i][k]) {
				return a, false
			}
			if i < 2 {
				a[i][k] = -a[i][k]
			}
		}
	}
	for k := range 3 {
		if a.length(k) == 0 {
			return a, false
		}
	}
	return a, true
}

// rotated is the qform: a quaternion whose first number is what the others leave of 1.
func (f fields) rotated() (a affine) {
	b, c, d := f.quatern[0], f.quatern[1], f.quatern[2]
	w := math.Sqrt(max(0, 1-b*b-c*c-d*d))
	r := [3][3]float64{
		{w*w + b*b - c*c - d*d, 2 * (b*c - w*d), 2 * (b*d + w*c)},
		{2 * (b*c + w*d), w*w + c*c - b*b - d*d, 2 * (c*d - w*b)},
		{2 * (b*d - w*c), 2 * (c*d + w*b), w*w + d*d - b*b - c*c},
	}
	q := 1.0
	if f.spacing[0] < 0 {
		q = -1
	}
	scale := [3]float64{f.spacing[1], f.spacing[2], q * f.spacing[3]}
	for i := range 3 {
		for k := range 3 {
			a[i][k] = r[i][k] * scale[k]
		}
		a[i][3] = f.qoffset[i]
	}
	return a
}

// length is how many millimetres lie between neighbours along a dimension.
func (a affine) length(k int) float64 {
	return math.Sqrt(a[0][k]*a[0][k] + a[1][k]*a[1][k] + a[2][k]*a[2][k])
}

// along says which axis of the patient a dimension runs along most: 0 right to left, 1 front
// to back, 2 feet to head; and whether it runs that way.
func (a affine) along(k int) (axis int, forward bool) {
	for i := range 3 {
		if math.Abs(a[i][k]) > math.Abs(a[axis][k]) {
			axis = i
		}
	}
	return axis, a[axis][k] > 0
}

// third is the dimension that slices lie along where nothing else is said.
const third = 2

// lay turns the slices along a dimension so that they stand as radiology shows them: the
// patient's right, or the front of a sagittal slice, on the left; the front, or the head, on
// top. Of a volume that does not say how it lies they stay as they are.
func (h *Header) lay(through int) {
	across, down := (through+1)%3, (through+2)%3
	if across > down {
		across, down = down, across
	}
	a, known := h.fields.place()
	axisAcross, _ := a.along(across)
	axisDown, _ := a.along(down)
	if known && axisAcross > axisDown { // feet to head, or front to back, is not across
		across, down = down, across
	}
	h.axes, h.mirror, h.Orientation = [3]int{across, down, through}, [2]bool{}, nil
	h.Columns, h.Rows, h.Slices = h.size[across], h.size[down], h.size[through]
	h.ColumnSpacing, h.RowSpacing = spacing(h.fields.spacing[1+across]), spacing(h.fields.spacing[1+down])
	if !known {
		return
	}
	_, leftOrBack := a.along(across)
	h.mirror[0] = !leftOrBack
	axisDown, forward := a.along(down)
	h.mirror[1] = forward == (axisDown == 2) // the head is on top
	h.ColumnSpacing, h.RowSpacing = a.length(across), a.length(down)
	h.orient(a)
}

// orient notes where slices lie, in DICOM's terms.
func (h *Header) orient(a affine) {
	origin := [3]float64{a[0][3], a[1][3], a[2][3]}
	h.Orientation = make([]float64, 6)
	for n, mirrored := range h.mirror {
		dimension, sign := h.axes[n], 1.0
		if mirrored {
			sign = -1
		}
		for i := range 3 {
			h.Orientation[3*n+i] = sign * a[i][dimension] / a.length(dimension)
			if mirrored {
				origin[i] += a[i][dimension] * float64(h.size[dimension]-1)
			}
		}
	}
	through := h.axes[2]
	h.first, h.step = origin, [3]float64{a[0][through], a[1][through], a[2][through]}
}

func spacing(v float64) float64 {
	if v = math.Abs(v); v > 0 && finite(v) {
		return v
	}
	return 1
}

// Position is DICOM's place of a slice's first pixel, in millimetres; slices count from 0. nil
// where the file does not say.
func (h Header) Position(slice int) []float64 {
	if h.Orientation == nil {
		return nil
	}
	out := make([]float64, 3)
	for i := range out {
		out[i] = h.first[i] + float64(slice)*h.step[i]
	}
	return out
}
