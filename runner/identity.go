package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// identity names everything that decides the numbers of a run: the resolved
// experiment without its purpose, the data, the program, libtorch and the model of
// the device. Two runs of one identity should give the same numbers.
type identity struct {
	hash      string // "" when it could not be found out
	facts     []stage.Fact
	data      string       // fingerprint; "" when it could not be found out
	undivided string       // the data's, however they are split
	heldOut   groupsOut    // of the data
	files     []stage.Fact // the content of what a run reads besides images, labels and splits
	// device is why the device cannot be used: whoever waits for hours of preprocessing
	// wants to know it before.
	device error
	// mistake is what the data shows to be wrong in the file: then nothing is run.
	mistake error
}

// identify finds out what a run would be. What goes wrong here goes wrong in the
// run as well, which then says so and is stored: here it only means no identity.
func (c runCommand) identify(ctx context.Context, w world, e experiments.Experiment) identity {
	var id identity
	program, err := programVersion()
	if err != nil {
		return id
	}
	id.facts = append([]stage.Fact{{Name: "program", Value: program}}, c.originFacts(w, e)...)
	env := stage.Env{Now: w.now, Recorder: stage.Discard, Cache: c.Cache, Workers: max(1, c.Workers), Seed: e.Seed}
	cases, err := readData(ctx, env, e.Data)
	if err == nil {
		err = e.Fits(cases)
	}
	if err != nil {
		id.mistake = mistakeOf(experiments.Place(err, c.File, c.Set))
		return id
	}
	id.data, id.undivided, id.heldOut = cases.Fingerprint, cases.Undivided, heldOutBy(cases)
	machine, err := model.FindMachine(ctx, c.Device)
	if err != nil {
		id.device = stage.Fault{Err: fmt.Errorf("--device: %w", err), Hint: "runner doctor shows what there is; --device auto takes a GPU where there is one"}
		return id
	}
	parts := []string{cases.Fingerprint, program, machine.LibTorch, machine.Device}
	if id.files, err = filesOf(e); err != nil {
		return id
	}
	if sum := cases.Pseudo(); sum != "" {
		id.files = append(id.files, stage.Fact{Name: pseudoFact, Value: sum})
	}
	if e.Pretrain != nil {
		u, err := e.Pretrain.Read(ctx, env, e.Data, e.Preprocess, cases)
		if err != nil {
			id.mistake = mistakeOf(experiments.Place(err, c.File, c.Set))
			return id
		}
		if sum := u.Sum(); sum != "" {
			id.files = append(id.files, stage.Fact{Name: unlabelledFact, Value: sum})
		}
	}
	if len(cases.Covariates) > 0 {
		id.files = append(id.files, stage.Fact{Name: covariatesFact, Value: cases.Identity()})
	}
	for _, f := range id.files {
		id.facts, parts = append(id.facts, f), append(parts, f.Value)
	}
	e.Purpose = ""
	id.hash = results.FingerprintOf(append([]string{string(experiments.Resolved(e))}, parts...))
	return id
}

// originFacts say what the experiment differs in from the one it extends, and where each
// setting comes from.
func (c runCommand) originFacts(w world, e experiments.Experiment) (facts []stage.Fact) {
	if text, err := describeParent(c.File, e); err == nil {
		facts = append(facts, stage.Fact{Name: results.ParentFact, Value: text})
	}
	if x, _, err := experiments.Explain(c.File, c.Set); err == nil {
		x.Shorten(w.dir)
		facts = append(facts, stage.Fact{Name: results.OriginsFact, Value: string(x.YAML())})
	}
	return facts
}

// Facts that name the content of what a run reads besides images, labels and splits.
const weightsFact, softLabelsFact, pseudoFact, unlabelledFact, covariatesFact = "weights", "soft labels", "pseudo-labels", "images without labels", "values of covariates"

// filesOf names their content.
func filesOf(e experiments.Experiment) (out []stage.Fact, err error) {
	weights, err := e.Model.WeightsSum()
	if err != nil {
		return nil, err
	}
	labels, err := e.Train.SoftLabelsSum()
	for _, f := range []stage.Fact{{Name: weightsFact, Value: weights}, {Name: softLabelsFact, Value: labels}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out, err
}

// mistakeOf gives an error that is one of the file; nil for others, such as a disk that
// cannot be read.
func mistakeOf(err error) error {
	if problems := (registry.Problems{}); errors.As(err, &problems) {
		return err
	}
	return nil
}

// programVersion is the commit that the program was built from. One with changes
// that are in no commit, or built outside a repository, is named by its own
// content.
func programVersion() (string, error) {
	revision, changed := "", true
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.modified":
				changed = s.Value != "false"
			}
		}
	}
	if revision != "" && !changed {
		return revision, nil
	}
	path, _, err := ownProgram()
	if err != nil {
		return "", err
	}
	sum, err := stage.SumOf(path)
	if err != nil {
		return "", err
	}
	return "sha256 " + sum[:32], nil
}

// doneBefore looks for a finished run of the same identity and shows it; false
// when there is none, or when it is to run anyway, or a certain run is to go on.
func (c runCommand) doneBefore(ctx context.Context, w world, db *results.DB, e experiments.Experiment, id identity) (bool, error) {
	if c.Resume != "" {
		return c.doneAlready(ctx, w, db, e, id)
	}
	if c.Again || id.hash == "" {
		return false, nil
	}
	runs, err := db.Runs(ctx, results.Filter{Name: e.Name, Status: results.Done})
	if err != nil {
		return false, err
	}
	for _, r := range runs {
		if r.Fingerprint != id.hash {
			continue
		}
		return true, c.showDone(ctx, w, db, r, "the same experiment, data, program, libtorch and device; --again runs it anyway")
	}
	return false, nil
}

// showDone shows a run in place of doing it again; its report is written if it is gone.
func (c places) showDone(ctx context.Context, w world, db *results.DB, r results.RunSummary, same string) error {
	path := filepath.Join(c.Reports, r.ID+".html")
	if _, err := os.Stat(path); err != nil {
		if path, err = writeReport(ctx, db, r.ID, c.Reports); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w.out, "already done: %s\nrun      %s (%s, %s)\n         %s\nresults  %s\nreport   %s\n",
		same, r.ID, r.Status, r.Ended.Local().Format("2006-01-02 15:04"), headline(r), c.DB, path)
	return err
}
