// Package finished opens finished runs, wherever they are kept: in the database with a folder
// of checkpoints, or in a package. It says what they were, what their nets answer, and where
// the weights are. Packages below it ask the nets, blend them, test them and pack them.
package finished

import (
	"context"

	"vertebra/stages/locate"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Run is a finished run whose nets are asked, wherever it is kept: in the database and a
// folder of checkpoints, or in a package.
type Run interface {
	ID() string
	Name() string
	// Experiment is the resolved one, as YAML.
	Experiment() string
	// Fact gives what the run noted under a name; "" where it did not.
	Fact(name string) string
	// Finals are the final numbers of validation and test.
	Finals() []stage.Scalar
	// Nets are those of all folds, or the one of a fold that is not 0.
	Nets(fold int) ([]Net, error)
	// Finder is the net that finds points: what it knows, and its weights; ok is false where the
	// run has none.
	Finder() (l locate.Locator, weights train.Weights, ok bool, err error)
	// Steps are how the steps of preprocessing worked there; nothing where nobody noted it.
	Steps() ([]preprocess.StepVersion, error)
	// Changed says which steps make other pixels here than where the run was trained or packed.
	Changed(steps preprocess.Config) []string
	// Member is a run that this one, an ensemble, blends.
	Member(ctx context.Context, id string) (Run, error)
}
