package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// earlier is what a run that goes on has left before. Its zero value is nothing.
type earlier struct{ predictions []stage.Prediction }

// info is what results keep of a run when it begins.
func (c runCommand) info(w world, e experiments.Experiment, id identity) results.RunInfo {
	return results.RunInfo{
		Name: e.Name, Purpose: e.Purpose, File: w.called(c.File), Experiment: string(experiments.Resolved(e)), Seed: e.Seed, Now: w.now,
		Fingerprint: id.hash, Facts: id.facts, Taken: c.taken,
	}
}

// taken says that a run of that id left something where this one would write: one of
// another database, or of one that was moved away.
func (c runCommand) taken(id string) bool {
	for _, path := range []string{filepath.Join(c.Runs, id), filepath.Join(c.Reports, id+".html")} {
		if _, err := os.Lstat(path); err == nil {
			return true
		}
	}
	return false
}

// begin stores a new run, or opens the interrupted one that is to go on.
func (c runCommand) begin(ctx context.Context, w world, db *results.DB, e experiments.Experiment, id identity) (*results.Run, earlier, error) {
	info := c.info(w, e, id)
	if c.Resume != "" {
		return c.reopen(ctx, w, db, info, id)
	}
	if err := c.tellUnfinished(ctx, w, db, info); err != nil {
		return nil, earlier{}, err
	}
	r, err := db.Begin(ctx, info)
	return r, earlier{}, err
}

// reopen opens a run that is to go on.
func (c runCommand) reopen(ctx context.Context, w world, db *results.DB, info results.RunInfo, id identity) (*results.Run, earlier, error) {
	record, err := db.Load(ctx, c.Resume)
	if err != nil {
		return nil, earlier{}, err
	}
	if record.Status == results.Done {
		return nil, earlier{}, stage.Fault{Err: fmt.Errorf("run %s is done: there is nothing to go on with", record.ID), Hint: "leave --resume out for a new run"}
	}
	allowed, err := sameRun(record, info, id)
	if err != nil {
		return nil, earlier{}, err
	}
	r, err := db.Resume(ctx, record.ID, info)
	if err == nil && c.forgotten(record) {
		text := "there is no checkpoint in " + w.called(filepath.Join(c.Runs, record.ID)) + ": training begins again from its first epoch"
		fmt.Fprintln(w.err, "warning:", text)
		err = r.Record(ctx, stage.Event{Level: "warning", Stage: "run", Text: text})
	}
	if told := id.goesOn(record.Fact("program"), allowed); err == nil && len(told) > 0 {
		for _, one := range told {
			if e := one.(stage.Event); e.Level == "warning" {
				fmt.Fprintln(w.err, "warning:", e.Text)
			}
		}
		err = r.Record(ctx, told...)
	}
	return r, earlier{record.Predictions}, err
}

// sameRun refuses to go on with a run of another experiment, and says what differs, or of
// other data. It lists the changes that change no number.
func sameRun(record *results.RunRecord, info results.RunInfo, id identity) (allowed []string, err error) {
	for fact, by := range map[string]string{results.ValidationFact: "runner validate", results.EnsembleFact: "runner ensemble or recalibrate"} {
		if record.Fact(fact) != "" {
			return nil, stage.Fault{Err: fmt.Errorf("run %s comes of %s, and has no training to go on with", record.ID, by), Hint: "make it again: there is nothing that it could have kept"}
		}
	}
	changes, err := experiments.Diff(experiments.Present(record.Experiment), experiments.Present(info.Experiment))
	if err != nil {
		return nil, err
	}
	allowed, refused := sortChanges(changes, id.sameFiles(record.Fact))
	if len(refused) > 0 {
		return nil, stage.Fault{
			Err:  fmt.Errorf("run %s is of another experiment; since then:\n  %s", record.ID, strings.Join(refused, "\n  ")),
			Hint: "put that back, or leave --resume out for a new run",
		}
	}
	return allowed, id.same(record.ID, record.Fact)
}

// doneAlready shows a run that is to go on and was done already, perhaps killed while it
// wrote its report: whoever repeats the command until it succeeds then is done too.
func (c runCommand) doneAlready(ctx context.Context, w world, db *results.DB, e experiments.Experiment, id identity) (bool, error) {
	record, err := db.Load(ctx, c.Resume)
	if err != nil || record.Status != results.Done {
		return false, err
	}
	if _, err := sameRun(record, c.info(w, e, id), id); err != nil {
		return false, err
	}
	return true, c.showDone(ctx, w, db, record.RunSummary, "there is nothing to go on with; a new run needs no --resume, but --again")
}

// forgotten says that a run had epochs, and that nothing of its state is left.
func (c runCommand) forgotten(record *results.RunRecord) bool {
	dir := filepath.Join(c.Runs, record.ID)
	one, _ := filepath.Glob(filepath.Join(dir, "last.safetensors")) // the patterns are right
	folds, _ := filepath.Glob(filepath.Join(dir, "fold-*", "last.safetensors"))
	epochs := slices.ContainsFunc(record.Scalars, func(s stage.Scalar) bool { return s.Epoch > 0 })
	return epochs && len(one)+len(folds) == 0
}

// same refuses to go on with a run of other data, first weights, soft labels or covariates: was
// tells which those were, where that was known.
func (id identity) same(run string, was func(fact string) string) error {
	now := append([]stage.Fact{{Name: audit.FingerprintFact, Value: id.data}}, id.files...)
	for _, f := range now {
		if before := was(f.Name); before == "" || f.Value == "" || before == f.Value {
			continue
		}
		what := f.Name
		if what == audit.FingerprintFact {
			what = "images, labels or splits"
		}
		hint := "put back what was changed, or leave --resume out for a new run"
		if program := was("program"); id.otherProgram(program) {
			hint += "; the run was begun by another version of this program (" + program + "), which may have read them otherwise: that one goes on with it"
		}
		return stage.Fault{Err: fmt.Errorf("%s are no longer those that run %s began with", what, run), Hint: hint}
	}
	return nil
}

// otherProgram says whether a run was made by another version than this one, as far as both are known.
func (id identity) otherProgram(was string) bool {
	at := slices.IndexFunc(id.facts, func(f stage.Fact) bool { return f.Name == "program" })
	return was != "" && at >= 0 && id.facts[at].Value != was
}

// goesOn tells what a reader of the numbers of a run that goes on must know.
func (id identity) goesOn(program string, allowed []string) (out []stage.Record) {
	if id.otherProgram(program) {
		out = append(out, stage.Event{Level: "warning", Stage: "run", Text: "another version of this program began the run (" + program + "): the numbers may be others than if one of them had done all"})
	}
	if len(allowed) > 0 {
		out = append(out, stage.Event{Level: "info", Stage: "run", Text: "goes on with other settings, which change no number: " + strings.Join(allowed, "; ")})
	}
	return out
}

// mayChange are the settings that a run may go on with otherwise: they decide no
// number, and somebody whose disk was full has to change them.
var mayChange = []string{"purpose", "train.checkpoints", "train.features"}

// sameFiles are the sections whose files are known to be those that a run began with, wherever
// they lie now.
func (id identity) sameFiles(was func(fact string) string) (sections []string) {
	for section, fact := range map[string]stage.Fact{"data": {Name: audit.FingerprintFact, Value: id.data}, "model": {Name: weightsFact, Value: id.file(weightsFact)}} {
		if fact.Value != "" && fact.Value == was(fact.Name) {
			sections = append(sections, section)
		}
	}
	return sections
}

// file is what is known of a file's content; "" for nothing.
func (id identity) file(name string) string {
	for _, f := range id.files {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// moved says whether a setting names the same file or folder in another place, as in a project that
// was moved. Paths of files are absolute, those of --set may not be.
func moved(change experiments.Change, sections []string) bool {
	section, _, _ := strings.Cut(change.Path, ".")
	return slices.Contains(sections, section) && (filepath.IsAbs(change.Before) || filepath.IsAbs(change.After)) &&
		filepath.Base(change.Before) == filepath.Base(change.After)
}

// sortChanges tells what may differ from what may not; sections are those whose files may lie elsewhere.
func sortChanges(changes []experiments.Change, sections []string) (allowed, refused []string) {
	for _, change := range changes {
		may := moved(change, sections) || slices.ContainsFunc(mayChange, func(path string) bool { return change.Path == path || strings.HasPrefix(change.Path, path+".") })
		line := change.Path + ": " + change.Words
		if may {
			allowed = append(allowed, line)
		} else {
			refused = append(refused, line)
		}
	}
	return allowed, refused
}

// tellUnfinished says how to go on where the same experiment was interrupted.
func (c runCommand) tellUnfinished(ctx context.Context, w world, db *results.DB, info results.RunInfo) error {
	if info.Fingerprint == "" {
		return nil
	}
	runs, err := db.Runs(ctx, results.Filter{Name: info.Name})
	for _, r := range runs {
		if r.Fingerprint == info.Fingerprint && (r.Status == results.Interrupted || r.Status == results.Lost) {
			fmt.Fprintf(w.err, "run %s of this experiment is %s; --resume %s would go on with it\n", r.ID, r.Status, r.ID)
			break
		}
	}
	return err
}
