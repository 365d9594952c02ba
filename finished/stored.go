package finished

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"vertebra/results"
	"vertebra/stages/locate"
	"vertebra/stages/preprocess"
	"vertebra/stages/pretrain"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Stored is a run of the database.
type Stored struct {
	Record *results.RunRecord
	store  Store
}

// ID is the run's.
func (r Stored) ID() string { return r.Record.ID }

// Name is what its experiment is called.
func (r Stored) Name() string { return r.Record.Name }

// Experiment is the stored one.
func (r Stored) Experiment() string { return r.Record.Experiment }

// Fact gives a stored fact.
func (r Stored) Fact(name string) string { return r.Record.Fact(name) }

// Finals are the stored ones.
func (r Stored) Finals() []stage.Scalar { return r.Record.Finals }

// folder is where the checkpoints are: where --runs says, or else where they were stored.
func (r Stored) folder() string {
	dir := filepath.Join(r.store.Runs, r.Record.ID)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	for _, a := range r.Record.Artefacts {
		if stored := FolderOf(r.Record.ID, a); stored != "" {
			return stored
		}
	}
	return dir
}

// Nets lists the folders of checkpoints.
func (r Stored) Nets(fold int) (nets []Net, err error) {
	dir := r.folder()
	found, err := filepath.Glob(filepath.Join(dir, "fold-*"))
	if err != nil {
		return nil, err
	}
	for _, folder := range found {
		number, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), "fold-"))
		if err == nil && (fold == 0 || fold == number) {
			nets = append(nets, Net{Weights: train.Folder(folder), Fold: number, Outliers: outliersIn(folder)})
		}
	}
	switch {
	case len(nets) == 0 && fold != 0:
		return nil, stage.Fault{Err: fmt.Errorf("run %s has no fold %d in %s", r.ID(), fold, dir), Hint: "leave --fold out"}
	case len(nets) == 0:
		nets = []Net{{Weights: train.Folder(dir), Outliers: outliersIn(dir)}}
	}
	return nets, nil
}

// Finder is in a folder of its own.
func (r Stored) Finder() (l locate.Locator, weights train.Weights, ok bool, err error) {
	folder := locate.Folder(r.folder())
	l, ok, err = locate.Read(folder)
	return l, train.Folder(folder), ok, err
}

// Steps are what the run noted; older runs noted nothing.
func (r Stored) Steps() ([]preprocess.StepVersion, error) {
	return preprocess.ReadVersions(r.Fact(preprocess.StepsFact))
}

// Changed goes by what the run noted of its steps.
func (r Stored) Changed(steps preprocess.Config) []string {
	was, err := r.Steps()
	if err != nil {
		return []string{fmt.Sprintf("run %s: %v", r.ID(), err)}
	}
	return steps.Changed(was, "run "+r.ID(), r.Fact("program"))
}

// Member loads another run of the database, or one of the package that a recalibrated run asks.
func (r Stored) Member(ctx context.Context, id string) (Run, error) {
	path, member, packed := SplitPacked(id)
	if !packed {
		return r.member(ctx, id)
	}
	sum, err := stage.SumOf(path)
	if err == nil && sum != r.Fact(PackageFact) {
		err = stage.Fault{Err: fmt.Errorf("run %s was made with another package than %s is now", r.ID(), path), Hint: "put that one back (its SHA-256 is " + r.Fact(PackageFact) + "), or calibrate this one"}
	}
	if err != nil {
		return nil, err
	}
	of, err := OpenPackage(path)
	if err != nil || member == "" {
		return of, err
	}
	return of.Member(ctx, member)
}

func (r Stored) member(ctx context.Context, id string) (Stored, error) {
	record, err := results.LoadFrom(ctx, r.store.DB, id)
	if err != nil || record.ID != id {
		return Stored{}, stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, which is not in this database", r.ID(), id), Hint: "take a database that has all its members"}
	}
	member, err := r.store.Stored(record)
	if err != nil {
		err = fmt.Errorf("member %s: %w", id, err)
	}
	return member, err
}

// FolderOf gives the folder of the run that an artefact lies in, or in the folder there of a fold,
// or of the net that finds points, or of pretrained weights; "" where it lies elsewhere.
func FolderOf(id string, a stage.Artefact) string {
	folder, err := filepath.Abs(filepath.Dir(a.Path))
	above := func(is func(base string) bool) {
		if is(filepath.Base(folder)) {
			folder = filepath.Dir(folder)
		}
	}
	above(func(base string) bool { return base == locate.Name || base == pretrain.Name })
	above(func(base string) bool { return strings.HasPrefix(base, "fold-") })
	if err != nil || filepath.Base(folder) != id {
		return ""
	}
	return folder
}
