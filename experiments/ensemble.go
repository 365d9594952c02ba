package experiments

import (
	"io/fs"

	"vertebra/stages/evaluate"
)

// Ensemble is the stored experiment of a run that blends others: runner ensemble makes
// it, no file says it.
type Ensemble struct {
	Name     string          `help:"what reports call the ensemble" required:"true"`
	Purpose  string          `help:"the question that it answers"`
	Seed     uint64          `help:"where the resamples of intervals come from; that of the first member"`
	Ensemble Blending        `help:"which runs are blended, and how"`
	Evaluate evaluate.Config `help:"what is measured"`
}

// Blending says how an ensemble is made of its members.
type Blending struct {
	Runs      []string  `help:"the members"`
	By        string    `help:"what is blended: probabilities (mean), or their logarithms (geometric)" oneof:"mean geometric"`
	Weights   []float64 `help:"share of each member"`
	WeightsBy string    `help:"where the weights come from" oneof:"equal given greedy"`
	Monitor   string    `help:"the number that decides, and that greedy weights make best"`
	Nested    string    `help:"of a nested cross-validation the sweep whose search it measures: each fold's own validation number chose the trial of its run"`
	Raw       bool      `help:"whether members are blended as their nets give them, also where they are calibrated"`
}

// Resolved writes the ensemble as YAML.
func (e Ensemble) Resolved() []byte { return resolved(e) }

// StoredEnsemble reads what Resolved wrote.
func StoredEnsemble(text string) (Ensemble, error) {
	e := Ensemble{Evaluate: evaluate.Default}
	if _, err := load(onlyStored(text), storedPath, nil, &e); err != nil {
		return e, ofAnother("ensemble", err)
	}
	return e, nil
}

// Measured is how a stored run was measured, one of an experiment, an ensemble or a validation.
func Measured(text string) (evaluate.Config, error) {
	e, err := Stored(text)
	if err == nil {
		return e.Evaluate, nil
	}
	if ensemble, other := StoredEnsemble(text); other == nil {
		return ensemble.Evaluate, nil
	}
	if validation, other := StoredValidation(text); other == nil {
		return validation.Evaluate, nil
	}
	return evaluate.Config{}, err
}

const storedPath = "the stored experiment"

// onlyStored reads the text under that path, and nothing else.
func onlyStored(text string) readFile {
	return func(name string) ([]byte, error) {
		if name != storedPath {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
}
