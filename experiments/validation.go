package experiments

import (
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
)

// Validation is the stored experiment of a run that tests the nets of another on other data:
// runner validate makes it, no file says it.
type Validation struct {
	Name       string          `help:"what reports call the validation" required:"true"`
	Purpose    string          `help:"the question that it answers"`
	Seed       uint64          `help:"where the resamples of intervals come from; that of the run"`
	Validation Validated       `help:"what is tested"`
	Data       audit.Config    `help:"the other data, asked as the run's were"`
	Evaluate   evaluate.Config `help:"what is measured: what the run measured, and how probabilities fit these data"`
}

// Validated says what a validation tests.
type Validated struct {
	Run     string `help:"the run whose nets are asked"`
	Package string `help:"SHA-256 of the package that they came in; empty where they came from the run's folder"`
	Split   string `help:"the split of the data that is asked about; empty: all cases"`
	Monitor string `help:"the number that decides: what the run monitored"`
	// FindPoints tells apart what else is the same: the nets look elsewhere.
	FindPoints bool `help:"the nets look at points that the run's own net found, whatever the data says"`
}

// Resolved writes the validation as YAML.
func (v Validation) Resolved() []byte { return resolved(v) }

// StoredValidation reads what Resolved wrote.
func StoredValidation(text string) (Validation, error) {
	v := Validation{Data: audit.Default, Evaluate: evaluate.Default}
	if _, err := load(onlyStored(text), storedPath, nil, &v); err != nil {
		return v, ofAnother("validation", err)
	}
	return v, nil
}
