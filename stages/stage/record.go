package stage

// Record is something a run leaves behind. Reports draw records by their shape,
// never by their name, so a new metric needs no code there.
type Record interface{ record() }

// Direction says which way a number is better.
type Direction string

// The directions; the empty one means that neither way is better.
const (
	HigherBetter Direction = "higher"
	LowerBetter  Direction = "lower"
	NoDirection  Direction = ""
)

// Final as an Epoch marks a number that describes the finished run.
const Final = -1

// Scalar is one number. Numbers of one Name over the epochs are drawn as one
// plot, a line for each Series.
type Scalar struct {
	Name   string    // "loss", "macro_f1", "learning_rate"
	Title  string    // "Macro F1"
	Series string    // whose number: "train", "validation", or a parameter group
	Phase  string    // "" outside training
	Epoch  int       // counts from 1 through all phases; Final for the finished run
	Step   int       // optimizer steps done so far in the run
	Value  float64   // may be NaN where the number does not exist
	Unit   string    // "", "s", "images/s"
	Better Direction // which way is better
	// Interval says how sure the number is; nil where nobody measured that.
	Interval *Interval
}

// Interval holds the true number with probability Level. Its ends are NaN where
// the number has no interval.
type Interval struct {
	Low, High float64
	Level     float64 // 0.95
	Method    string  // "bca over 198 groups, 2000 resamples"
}

// Estimate is a number with the ends of its interval, as a cell of a Table.
type Estimate struct{ Value, Low, High float64 }

// Curve is a set of lines over a common axis.
type Curve struct {
	Name, Title    string
	Section        string // heading of the report it belongs under: "data", "results", "training"
	XLabel, YLabel string
	Lines          []Line
}

// Line is one line of a Curve; X and Y have one length.
type Line struct {
	Label string
	X, Y  []float64
}

// Matrix is a table of numbers with named rows and columns, drawn as a heat
// map: Values[row][column].
type Matrix struct {
	Name, Title            string
	Section                string
	RowsTitle, ColumnTitle string
	Rows, Columns          []string
	Values                 [][]float64
}

// Table is a table of texts and numbers. A cell is a string, an int, a float64
// or an Estimate.
type Table struct {
	Name, Title string
	Section     string
	Columns     []string
	Rows        [][]any
	Note        string // what a reader should know to understand it, without a full stop
}

// Bars is a grouped bar chart: for each category one bar of each group.
type Bars struct {
	Name, Title string
	Section     string
	YLabel      string // what the bars count: "cases"
	Categories  []string
	Groups      []BarGroup
}

// BarGroup is one group of Bars: a value for each category, NaN where there is
// none.
type BarGroup struct {
	Label  string
	Values []float64
}

// Scatter is a set of points in a plane. Only their distances say something.
type Scatter struct {
	Name, Title string
	Section     string
	Points      []ScatterPoint
	Note        string // what a reader should know to understand it, without a full stop
}

// ScatterPoint is a place with the IDs of the cases that are there: of a sample that several
// questions are asked about, one for each.
type ScatterPoint struct {
	X, Y  float64
	Cases []string
}

// Gallery is a set of small pictures.
type Gallery struct {
	Name, Title string
	Section     string
	Pictures    []Picture
	// Cell says that the pictures are cases of one cell of a Matrix; nil where
	// they are not.
	Cell *Cell
}

// Cell is a place in the Matrix of that title.
type Cell struct{ Matrix, Row, Column string }

// Picture is one picture of a Gallery.
type Picture struct {
	Caption string
	PNG     []byte
	// Case is the ID of the case that it shows; "" where it is none.
	Case string
	// Overlay is a small PNG with transparency, to be stretched over the picture:
	// where the net looked. nil where nobody asked it.
	Overlay []byte
}

// Thumbnail is a small picture of a case, for pages that show single cases. Equal
// ones of several runs are stored once.
type Thumbnail struct {
	Case string
	PNG  []byte
}

// Prediction is what a model said of one case.
type Prediction struct {
	CaseID        string
	Group         string
	Split         Split
	Phase         string // the phase whose weights spoke
	Label         int
	Probabilities []float64 // one for each class, sum 1
	Tags          map[string]string
	// Among lists the classes that the answer is one of, as Questions.Among does; nil: all.
	// The probabilities of the others are 0.
	Among []int
}

// PredictionRecords are predictions as a Recorder takes them.
func PredictionRecords(list []Prediction) []Record {
	records := make([]Record, len(list))
	for i, p := range list {
		records[i] = p
	}
	return records
}

// PhaseRecord describes a phase of training when it begins and again when it ends.
type PhaseRecord struct {
	Name       string
	Index      int      // from 0
	Trainable  int      // parameters (numbers, not tensors) that this phase trains
	Total      int      // parameters of the whole net
	Groups     []string // the patterns that select what is trained
	FirstEpoch int      // of the run, from 1
	LastEpoch  int      // 0 while the phase runs
	BestEpoch  int      // 0 while the phase runs
	Ended      string   // "", "all epochs done", "no better for 10 epochs", "interrupted"
}

// Event is something that happened and that a reader should know of.
type Event struct {
	Level string // "info", "warning", "error"
	Stage string // "" where the command that asks is to say it as its own
	Text  string
}

// Artefact is a file that the run made.
type Artefact struct {
	Kind   string // "checkpoint", "report", "log"
	Path   string
	Bytes  int64
	SHA256 string
}

// Fact is something true of the whole run, such as the libtorch version, the
// device or the fingerprint of the data.
type Fact struct{ Name, Value string }

func (Scalar) record()      {}
func (Curve) record()       {}
func (Matrix) record()      {}
func (Table) record()       {}
func (Bars) record()        {}
func (Scatter) record()     {}
func (Gallery) record()     {}
func (Thumbnail) record()   {}
func (Prediction) record()  {}
func (PhaseRecord) record() {}
func (Event) record()       {}
func (Artefact) record()    {}
func (Fact) record()        {}
