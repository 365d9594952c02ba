package stage

// Split says what a case is used for.
type Split string

// The splits, in the order in which reports list them.
const (
	Train      Split = "train"
	Validation Split = "validation"
	Test       Split = "test"
)

// Splits lists every split in report order.
var Splits = []Split{Train, Validation, Test}

// Point is a place in an image, in pixels of the original image: the centre of
// the top-left pixel is (0, 0), x grows to the right and y downwards.
type Point struct{ X, Y float64 }

// Case is one sample: one labelled thing in one image.
type Case struct {
	// ID is unique in the data set: for RSNA, <study>_<condition>_<level>.
	ID string
	// Group is what a split must keep together: the study, or the patient.
	Group string
	// Image is the path of the image file.
	Image string
	// Series names the series of the image, as in Cases.Series of audit.
	Series string
	// Point is the labelled place; nil when the whole image is meant.
	Point *Point
	// Label is an index into the class names.
	Label int
	// Split is where the case was put.
	Split Split
	// Tags hold what results may be broken down by: condition, level, side,
	// series_type.
	Tags map[string]string
}
