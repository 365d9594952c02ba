package experiments

import (
	"slices"
	"strings"

	"vertebra/stages/registry"
)

// ofTraining are the sections that say how a net is made.
var ofTraining = []string{"preprocess", "augment", "model", "train", "sweep"}

// LoadData reads of an experiment file, as Load does, what it says of its data and of what is
// measured: for nets that are trained already. The other sections need not be there, and what
// is wrong in them counts nothing.
func LoadData(path string, sets []string) (Experiment, error) {
	e := Default()
	d, err := load(fromDisk, path, sets, &e)
	if d == nil || d.root == nil {
		return Experiment{}, err
	}
	problems := slices.DeleteFunc(d.problems, func(p registry.Problem) bool {
		section, _, _ := strings.Cut(p.Path, ".")
		return slices.Contains(ofTraining, section)
	})
	if err := problems.Err(); err != nil {
		return Experiment{}, err
	}
	return e, nil
}
