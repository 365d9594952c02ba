package audit

import (
	"context"

	"vertebra/stages/internal/headers"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Config is the section data of an experiment.
type Config struct {
	Source        registry.One[Source] `help:"where tables and images are" required:"true"`
	Merge         map[string][]string  `help:"classes that become one, by its name: {narrow: [moderate, severe]}. It stands where the first of them stood; a list of one class renames it"`
	Sample        string               `help:"what one sample is: a point (each labelled row or image of the source), or all images of a level, a series or a study, which is seen in its series with most slices" oneof:"point level series study"`
	Label         string               `help:"what a level, series or study of several labels gets: the worst of them (the last class), the commonest, one sample for each, or a net that answers all of them at once (all), which also suits images of several label columns; answers may be missing" oneof:"worst commonest each all"`
	Targets       []string             `help:"with label all: tags of the cases whose values say which of a sample's labels one is, each an output of the net; when empty, the label column of a table, the condition of rsna, and for its series and studies also the level" when:"label=all"`
	TargetClasses map[string][]string  `help:"with label all: classes of a target by its name, in their order, where targets do not share theirs: {density: [a, b, c, d], birads: ['1', '2', '3', '4', '5']}. Of a table that names no classes, targets that share none of theirs have their own without it" when:"label=all"`
	Views         []string             `help:"pictures that a sample is seen in instead of its own: of a row of a table those that its images names, such as left and right; of a point or a level each a labelled place of its level, such as left_subarticular_stenosis, or a type of series, such as Axial T2; of a study of rsna types of series, each seen in its middle slice or, with the step stack, in all; model.views says how they enter the net; only its own picture when empty"`
	Headers       []string             `help:"elements of DICOM files to keep as tags, by their keywords, such as Manufacturer, MagneticFieldStrength, PatientSex and PatientAge (in years): for results by subgroup, splits and covariates"`
	Covariates    Known                `help:"what is known of a sample besides its image, such as age and sex: the net is given it too, as model.covariates says"`
	Plane         string               `help:"which slices of NIfTI volumes are seen: those along the third dimension of the file (stored), or axial, coronal or sagittal ones by what the file says of how it lies" oneof:"stored axial coronal sagittal"`
	Drop          Wanted               `help:"what to leave out by request"`
	Keep          Wanted               `help:"what alone to keep; all where a list is empty"`
	Rules         Actions              `help:"what to do about findings instead of what each rule does by itself, by the rule's id: keep, drop, or refuse to run; runner audit --rules lists them"`
	PseudoLabels  *PseudoLabels        `help:"images without labels that join the training cases, with what nets said of them for labels; none when absent"`
	Split         Split                `help:"how cases are divided into training, validation and test"`

	anyTargets bool // those that TargetClasses names need not be there: see Asked
	shareAll   bool // targets share all classes, whatever occurs: see Asked

	unpointed bool // points are yet to be found: see Unpointed

	known []string // classes of nets that are there, in their order, of which not all need occur: see Asked
}

// Wanted names studies, series and rows.
type Wanted struct {
	Studies  []string      `help:"study ids; groups of a table or of folders"`
	Series   []string      `help:"series ids"`
	Rows     []string      `help:"row ids: <study>_<condition>_<level>, or the ids of a table; those to be dropped may also be the ids of samples of a level, a series or a study"`
	RowsFile registry.Path `help:"CSV file with a header; columns study_id, series_id and row_id hold ids, and where there is none of them the first column holds row ids"`
}

// Default splits by study, stratified by label, a fifth for validation.
var Default = Config{Sample: "point", Label: "worst", Plane: headers.Stored, Split: Split{By: "study", Stratify: []string{"label"}, Validation: 0.2, Rotate: rotateValidation, TrainSize: 1, Seed: 42}}

// Source reads a data set's tables.
type Source interface {
	// Read gives every labelled thing that it finds, and everything that it
	// drops. It asks the request about each row before anything else.
	Read(ctx context.Context, request *Request) (Found, error)
}

// Sources are the parts.
var Sources = registry.New[Source]("data source")

// Found is what a source read.
type Found struct {
	Root    string   // folder that image paths lie under
	Classes []string // index = label
	Cases   []stage.Case
	Series  map[string]Series // key "<study>/<series>"
	reports reports
	groups  string // what the cases' groups are called, in the plural: "studies"; "" for groups
	// rowOf gives each image's case the id of the case that its row makes, where the images
	// of a row are views of one sample; nil elsewhere.
	rowOf  map[string]string
	views  []string // the names of these images, sorted
	table  bool     // rows of a table were read
	viewed bool     // its cases say what they show
	// ungrouped says that file names alone could tell whose an image is.
	ungrouped bool
	folders   map[string]bool // series that are all images of a folder

	// What the RSNA tables say, for the rules; empty elsewhere.
	Described []Series        // series with a description, by key, without files
	Labelled  map[string]int  // labels of each study
	Pointed   map[string]bool // studies and series that have points
	Canals    map[string]int  // points of the canal on each series
}
