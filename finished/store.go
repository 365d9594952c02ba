package finished

import (
	"context"
	"fmt"

	"vertebra/results"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// Store says where finished runs are looked for, besides packages.
type Store struct {
	DB   string // file of the database
	Runs string // folder of checkpoints
}

// Find gives the run that a word names (see results.DB.Load), or the one in a package. It has nets
// to ask: a run that is not finished is an error, and so is a validation.
func (s Store) Find(ctx context.Context, word string) (Run, error) {
	if packages.Names(word) {
		return OpenPackage(word)
	}
	record, err := results.LoadFrom(ctx, s.DB, word)
	if err != nil {
		return nil, err
	}
	if err := hasNets(record); err != nil {
		return nil, err
	}
	return s.Stored(record)
}

// FindAny gives the run that a word names also where it is not finished, or has no nets.
func (s Store) FindAny(ctx context.Context, word string) (Run, error) {
	if packages.Names(word) {
		return OpenPackage(word)
	}
	record, err := results.LoadFrom(ctx, s.DB, word)
	if err != nil {
		return nil, err
	}
	return Stored{record, s}, nil
}

// hasNets refuses a validation, which asks the nets of another run.
func hasNets(record *results.RunRecord) error {
	tested := record.Fact(results.ValidationFact)
	if tested == "" {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("run %s is a validation: it has no nets of its own", record.ID), Hint: "name the run that it tested, " + tested}
}

// Stored takes a run of the database, which has to be finished.
func (s Store) Stored(record *results.RunRecord) (Stored, error) {
	if id := record.ID; record.Status != results.Done {
		hint := "name a finished run; runner run FILE --resume " + id + " goes on with this one"
		if record.Fact(results.EnsembleFact) != "" {
			hint = "make the ensemble again, which takes seconds"
		}
		return Stored{}, stage.Fault{Err: fmt.Errorf("run %s is %s", id, record.Status), Hint: hint}
	}
	return Stored{record, s}, nil
}
