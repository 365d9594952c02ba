package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"vertebra/results"
	"vertebra/stages/locate"
	"vertebra/stages/packages"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// trained is a finished run whose nets are asked, wherever it is kept: in the database and a
// folder of checkpoints, or in a package.
type trained interface {
	ID() string
	Name() string
	// Experiment is the resolved one, as YAML.
	Experiment() string
	// Fact gives what the run noted under a name; "" where it did not.
	Fact(name string) string
	// Finals are the final numbers of validation and test.
	Finals() []stage.Scalar
	// Nets are those of all folds, or the one of a fold that is not 0.
	Nets(fold int) ([]foldNet, error)
	// Finder is the net that finds points: what it knows, and its weights; ok is false where the
	// run has none.
	Finder() (l locate.Locator, weights train.Weights, ok bool, err error)
	// Steps are how the steps of preprocessing worked there; nothing where nobody noted it.
	Steps() ([]preprocess.StepVersion, error)
	// Changed says which steps make other pixels here than where the run was trained or packed.
	Changed(steps preprocess.Config) []string
	// Member is a run that this one, an ensemble, blends.
	Member(ctx context.Context, id string) (trained, error)
}

// finished says where finished runs are looked for, besides packages.
type finished struct {
	database
	runs string // folder of checkpoints
}

// find gives the run that a word names, or the one in a package.
func (f finished) find(ctx context.Context, word string) (trained, error) {
	if packages.Names(word) {
		return openPackage(word)
	}
	record, err := f.load(ctx, word)
	if err != nil {
		return nil, err
	}
	if err := hasNets(record); err != nil {
		return nil, err
	}
	return f.stored(record)
}

// hasNets refuses a validation, which asks the nets of another run.
func hasNets(record *results.RunRecord) error {
	tested := record.Fact(results.ValidationFact)
	if tested == "" {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("run %s is a validation: it has no nets of its own", record.ID), Hint: "name the run that it tested, " + tested}
}

// stored wants a run to be finished.
func (f finished) stored(record *results.RunRecord) (storedRun, error) {
	if id := record.ID; record.Status != results.Done {
		hint := "name a finished run; runner run FILE --resume " + id + " goes on with this one"
		if record.Fact(results.EnsembleFact) != "" {
			hint = "make the ensemble again, which takes seconds"
		}
		return storedRun{}, stage.Fault{Err: fmt.Errorf("run %s is %s", id, record.Status), Hint: hint}
	}
	return storedRun{record, f}, nil
}

// storedRun is a run of the database.
type storedRun struct {
	record *results.RunRecord
	at     finished
}

// ID is the run's.
func (r storedRun) ID() string { return r.record.ID }

// Name is what its experiment is called.
func (r storedRun) Name() string { return r.record.Name }

// Experiment is the stored one.
func (r storedRun) Experiment() string { return r.record.Experiment }

// Fact gives a stored fact.
func (r storedRun) Fact(name string) string { return r.record.Fact(name) }

// Finals are the stored ones.
func (r storedRun) Finals() []stage.Scalar { return r.record.Finals }

// folder is where the checkpoints are: where --runs says, or else where they were stored.
func (r storedRun) folder() string {
	dir := filepath.Join(r.at.runs, r.record.ID)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	for _, a := range r.record.Artefacts {
		if stored := folderOf(r.record.ID, a); stored != "" {
			return stored
		}
	}
	return dir
}

// Nets lists the folders of checkpoints.
func (r storedRun) Nets(fold int) (nets []foldNet, err error) {
	dir := r.folder()
	found, err := filepath.Glob(filepath.Join(dir, "fold-*"))
	if err != nil {
		return nil, err
	}
	for _, folder := range found {
		number, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), "fold-"))
		if err == nil && (fold == 0 || fold == number) {
			nets = append(nets, foldNet{Weights: train.Folder(folder), fold: number, outliers: outliersIn(folder)})
		}
	}
	switch {
	case len(nets) == 0 && fold != 0:
		return nil, stage.Fault{Err: fmt.Errorf("run %s has no fold %d in %s", r.ID(), fold, dir), Hint: "leave --fold out"}
	case len(nets) == 0:
		nets = []foldNet{{Weights: train.Folder(dir), outliers: outliersIn(dir)}}
	}
	return nets, nil
}

// Finder is in a folder of its own.
func (r storedRun) Finder() (l locate.Locator, weights train.Weights, ok bool, err error) {
	folder := locate.Folder(r.folder())
	l, ok, err = locate.Read(folder)
	return l, train.Folder(folder), ok, err
}

// Steps are what the run noted; older runs noted nothing.
func (r storedRun) Steps() ([]preprocess.StepVersion, error) {
	return preprocess.ReadVersions(r.Fact(preprocess.StepsFact))
}

// Changed goes by what the run noted of its steps.
func (r storedRun) Changed(steps preprocess.Config) []string {
	was, err := r.Steps()
	if err != nil {
		return []string{fmt.Sprintf("run %s: %v", r.ID(), err)}
	}
	return steps.Changed(was, "run "+r.ID(), r.Fact("program"))
}

// Member loads another run of the database, or one of the package that a recalibrated run asks.
func (r storedRun) Member(ctx context.Context, id string) (trained, error) {
	path, member, packed := splitPacked(id)
	if !packed {
		return r.member(ctx, id)
	}
	sum, err := sumOf(path)
	if err == nil && sum != r.Fact(packageFact) {
		err = stage.Fault{Err: fmt.Errorf("run %s was made with another package than %s is now", r.ID(), path), Hint: "put that one back (its SHA-256 is " + r.Fact(packageFact) + "), or calibrate this one"}
	}
	if err != nil {
		return nil, err
	}
	of, err := openPackage(path)
	if err != nil || member == "" {
		return of, err
	}
	return of.Member(ctx, member)
}

// inPackage is what a recalibrated run calls a member of a packed ensemble: FILE.zip#RUN. Ids of runs
// have no #.
func inPackage(path, member string) string { return path + "#" + member }

// splitPacked takes the name of a packed run apart; member is "" where the package is one of a single run.
func splitPacked(id string) (path, member string, packed bool) {
	if packages.Names(id) {
		return id, "", true
	}
	at := strings.LastIndex(id, "#")
	if at < 0 || !packages.Names(id[:at]) {
		return id, "", false
	}
	return id[:at], id[at+1:], true
}

func (r storedRun) member(ctx context.Context, id string) (storedRun, error) {
	record, err := r.at.load(ctx, id)
	if err != nil || record.ID != id {
		return storedRun{}, stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, which is not in this database", r.ID(), id), Hint: "take a database that has all its members"}
	}
	member, err := r.at.stored(record)
	if err != nil {
		err = fmt.Errorf("member %s: %w", id, err)
	}
	return member, err
}
