package dicom

import "math"

// Vector is a place or direction in the patient, mm: x grows to the patient's
// left, y to the back, z to the head (PS3.3, C.7.6.2.1.1).
type Vector [3]float64

func (v Vector) dot(w Vector) float64 { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }
func (v Vector) length() float64      { return math.Sqrt(v.dot(v)) }
func (v Vector) scaled(by float64) Vector {
	return Vector{v[0] * by, v[1] * by, v[2] * by}
}
func (v Vector) minus(w Vector) Vector { return Vector{v[0] - w[0], v[1] - w[1], v[2] - w[2]} }
func (v Vector) cross(w Vector) Vector {
	return Vector{v[1]*w[2] - v[2]*w[1], v[2]*w[0] - v[0]*w[2], v[0]*w[1] - v[1]*w[0]}
}

// axis is the index of the component that is largest in size.
func (v Vector) axis() int {
	best := 0
	for i := range v {
		// Half a percent decides ties, so that rounding in a file does not.
		if math.Abs(v[i]) > math.Abs(v[best])+0.005 {
			best = i
		}
	}
	return best
}

// Plane is the anatomical plane that an image lies in, or nearest to.
type Plane string

// The planes, by the axis that is nearest to the image's normal: x, y, z.
const (
	Unknown  Plane = ""
	Sagittal Plane = "sagittal"
	Coronal  Plane = "coronal"
	Axial    Plane = "axial"
)

var planes = [3]Plane{Sagittal, Coronal, Axial}

// Normal is the unit vector that stands on an image, from its
// ImageOrientationPatient (direction of a row, direction of a column). It points
// to the patient's left, back or head, whichever is nearest, so that slices of
// one plane have one order whichever way round they were taken. ok is false
// where the orientation is absent or is no two perpendicular directions.
func Normal(orientation []float64) (normal Vector, ok bool) {
	if len(orientation) != 6 {
		return Vector{}, false
	}
	row, column := Vector(orientation[:3]), Vector(orientation[3:])
	a, b := row.length(), column.length()
	// Scanners write four to six digits; a tenth off is no direction cosine.
	if !(math.Abs(a-1) < 0.1 && math.Abs(b-1) < 0.1 && math.Abs(row.dot(column)) < 0.1) {
		return Vector{}, false
	}
	n := row.cross(column)
	n = n.scaled(1 / n.length())
	if n[n.axis()] < 0 {
		n = n.scaled(-1)
	}
	return n, true
}

// PlaneOf tells the plane nearest to an ImageOrientationPatient, and by how many
// degrees it is tilted out of it (0 to 54.7).
func PlaneOf(orientation []float64) (plane Plane, tilt float64) {
	n, ok := Normal(orientation)
	if !ok {
		return Unknown, 0
	}
	return planes[n.axis()], math.Acos(min(1, math.Abs(n[n.axis()]))) * 180 / math.Pi
}

// Plane is the anatomical plane of an image; Unknown without an orientation.
func (h Header) Plane() Plane {
	plane, _ := PlaneOf(h.Orientation)
	return plane
}

// Location is where a slice lies along its normal, mm. ok is false where
// position or orientation is absent or unusable.
func (h Header) Location() (mm float64, ok bool) {
	n, ok := Normal(h.Orientation)
	if !ok || len(h.Position) != 3 {
		return 0, false
	}
	return n.dot(Vector(h.Position)), true
}

// Patient is the place in the patient of a point in the image, given in pixels
// from the centre of the first pixel (PS3.3, equation C.7.6.2.1-1). ok is false
// where position, orientation or spacing is absent or unusable.
func (h Header) Patient(column, row float64) (place Vector, ok bool) {
	if _, ok := h.Location(); !ok || len(h.PixelSpacing) != 2 {
		return Vector{}, false
	}
	for i := range place {
		place[i] = h.Position[i] + h.Orientation[i]*h.PixelSpacing[1]*column + h.Orientation[3+i]*h.PixelSpacing[0]*row
	}
	return place, true
}
