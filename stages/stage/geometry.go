package stage

// Geometry is how the pixels of an image lie in the patient.
type Geometry struct {
	Rows, Columns int
	// RowSpacing and ColumnSpacing are millimetres between neighbouring rows and columns; 0
	// where nobody says.
	RowSpacing, ColumnSpacing float64
	// Position is the middle of the first pixel in millimetres, to the patient's left, back and
	// head, and Across and Down are the directions in which columns and rows are counted; nil
	// where nobody says.
	Position, Across, Down []float64
}

// NewGeometry takes what DICOM says: PixelSpacing (rows, columns), ImagePositionPatient and
// ImageOrientationPatient, each of which may be missing.
func NewGeometry(rows, columns int, spacing, position, orientation []float64) Geometry {
	g := Geometry{Rows: rows, Columns: columns}
	if len(spacing) != 2 || !(spacing[0] > 0) || !(spacing[1] > 0) {
		return g
	}
	g.RowSpacing, g.ColumnSpacing = spacing[0], spacing[1]
	if len(position) == 3 && len(orientation) == 6 {
		g.Position, g.Across, g.Down = position, orientation[:3], orientation[3:]
	}
	return g
}

// Placed says whether it is known where the image lies.
func (g Geometry) Placed() bool { return g.Position != nil }

// At gives the place of a pixel in the patient (DICOM PS3.3, C.7.6.2.1.1), of an image that is
// Placed.
func (g Geometry) At(p Point) (place [3]float64) {
	for i := range place {
		place[i] = g.Position[i] + p.X*g.ColumnSpacing*g.Across[i] + p.Y*g.RowSpacing*g.Down[i]
	}
	return place
}
