package audit

import (
	"context"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Config is the section data of an experiment.
type Config struct {
	Source registry.One[Source] `help:"where tables and images are" required:"true"`
	Sample string               `help:"what one sample is: a labelled point in an image" oneof:"point"`
	Drop   Drop                 `help:"what to leave out by request"`
	Split  Split                `help:"how cases are divided into training, validation and test"`
}

// Drop names what to leave out.
type Drop struct {
	Studies  []string      `help:"study ids"`
	Series   []string      `help:"series ids"`
	Rows     []string      `help:"row ids: <study>_<condition>_<level>"`
	RowsFile registry.Path `help:"CSV file with a header, whose first column holds row ids"`
}

// Default splits by study, stratified by label, a fifth for validation.
var Default = Config{Sample: "point", Split: Split{By: "study", Stratify: []string{"label"}, Validation: 0.2}}

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
	Dropped []Dropped
}
