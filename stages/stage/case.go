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

// Spacing is how far the labelled levels of a series lie apart; the zero value where nobody knows.
type Spacing struct {
	Length float64
	// Millimetres says that the length is that in the patient; otherwise it is in pixels of the
	// original image.
	Millimetres bool
}

// Mark is a named place in one of a sample's images.
type Mark struct {
	// Name says what is there: for RSNA the condition.
	Name string
	// Image is the path of the image file that it lies in, and Series the name of its
	// series; "" where there is nothing: a blank view.
	Image, Series string
	// Type is that of the series, such as "Axial T2"; "" where nobody asked.
	Type string
	// Point is the place; nil where the whole image is meant.
	Point *Point
	// Spacing is that of the levels of the series, of points of this name.
	Spacing Spacing
}

// Case is one label: of one thing in one image or several. It is a sample by itself, or
// one of the answers that a sample asks of the net.
type Case struct {
	// ID is unique in the data set: for RSNA, <study>_<condition>_<level>.
	ID string
	// Group is what a split must keep together: the study, or the patient.
	Group string
	// Image is the path of the image file: the one that holds the point, and
	// without a point the middle one of Images.
	Image string
	// Images are all files of a sample that is more than one image (a level, a
	// series, a study), in the order of the slices; those of a study come series
	// after series. nil when Image is all there is.
	Images []string
	// Series names the series of the image, as in Cases.Series of audit; ""
	// where images are in no series.
	Series string
	// Point is the labelled place in Image; nil when the whole image is meant.
	Point *Point
	// Spacing is that of the levels of the series; of a case whose point has a level.
	Spacing Spacing
	// Marks are all labelled places of the same study and level, this one's
	// included, or the images of the same row of a table, sorted by name; nil where
	// there are none. Cases may share them.
	Marks []Mark
	// Sample names the sample whose images these are, where it has several labels
	// that a net answers at once: a case for each. "" where the case is a sample by
	// itself.
	Sample string
	// Target is which of the net's answers the label is about: an index into
	// Cases.Targets of audit.
	Target int
	// Views are the pictures that are the channels of the sample's image, in the order of
	// Cases.Views of audit; nil where Image is all that is seen.
	Views []Mark
	// Picture is what the image shows: its view, and the type of its series. nil where
	// nobody asked.
	Picture *Mark
	// Label is an index into the class names.
	Label int
	// Soft is what a pseudo-label gives to each class, in all 1; nil of labels that people gave.
	Soft []float32
	// Split is where the case was put. With cross-validation it is what the first
	// fold makes of the case; see InFold.
	Split Split
	// Fold is the fold whose validation set holds the case, or with Turns whose test set,
	// from 1; 0 without cross-validation, and for test cases that are in no fold.
	Fold int
	// Turns is what each fold makes of the case, fold 1 first, where folds take turns as test
	// set; nil elsewhere. Cases of a group share it.
	Turns []Split
	// Tags hold what results may be broken down by: condition, level, side,
	// series_type.
	Tags map[string]string
}

// Seen names what is seen of the case: its image file, or those of its views.
func (c Case) Seen() string {
	name := c.Image
	for i, m := range c.Views {
		if i == 0 {
			name = ""
		}
		name += m.Image + "\x00"
	}
	return name
}

// Planes are the types of the series that the case is seen on, as far as they are known.
func (c Case) Planes() (out []string) {
	if c.Views == nil {
		return []string{c.Tags["series_type"]}
	}
	for _, m := range c.Views {
		out = append(out, m.Type)
	}
	return out
}

// TargetTag is the tag that says which of a sample's labels a case is.
const TargetTag = "target"

// AllFolds as a fold trains on every case but those of a test split that is the same in all folds,
// and validates on none.
const AllFolds = -1

// InFold gives a copy of the cases as a fold sees them: the fold's own cases
// validate, those of other folds train, and test cases stay what they are; or Case.Turns says
// what becomes of them. Fold 0 leaves all splits alone; see AllFolds.
func InFold(cases []Case, fold int) []Case {
	out := append([]Case(nil), cases...)
	for i, c := range out {
		switch {
		case fold == 0:
		case fold > 0 && fold <= len(c.Turns):
			out[i].Split = c.Turns[fold-1]
		case c.Turns != nil:
			out[i].Split = Train
		case c.Split == Test:
		case fold != AllFolds && c.Fold == fold:
			out[i].Split = Validation
		default:
			out[i].Split = Train
		}
	}
	return out
}
