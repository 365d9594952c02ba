package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// predictor is a finished run that is asked about other images.
type predictor struct {
	record  *results.RunRecord
	e       experiments.Experiment
	classes []string
	targets []string          // that the net answers of each sample; nil where it is one thing
	samples map[string]string // of the cases that are asked about, where there are targets
	folders []string          // of checkpoints, one for each net
	numbers []int             // of the folds of these; 0 for the only net
	sets    *evaluate.Sets    // that the run makes of calibrated probabilities; nil where it makes none
}

// open reads what the run was, and finds its checkpoints.
func (c predictCommand) open(record *results.RunRecord) (p predictor, err error) {
	if p, err = newPredictor(record); err != nil {
		return p, err
	}
	if p.e, err = experiments.Stored(record.Experiment); err != nil {
		return p, err
	}
	return p, c.findNets(&p, c.folder(record))
}

// newPredictor reads what a run's answers are: its classes and targets.
func newPredictor(record *results.RunRecord) (predictor, error) {
	p, id := predictor{record: record}, record.ID
	if record.Status != results.Done {
		hint := "name a finished run; runner run FILE --resume " + id + " goes on with this one"
		if record.Fact(results.EnsembleFact) != "" {
			hint = "make the ensemble again, which takes seconds"
		}
		return p, stage.Fault{Err: fmt.Errorf("run %s is %s", id, record.Status), Hint: hint}
	}
	if err := json.Unmarshal([]byte(record.Fact(evaluate.ClassesFact)), &p.classes); err != nil {
		return p, fmt.Errorf("run %s: its classes: %w", id, err)
	}
	if text := record.Fact(audit.TargetsFact); text != "" {
		if err := json.Unmarshal([]byte(text), &p.targets); err != nil {
			return p, fmt.Errorf("run %s: its targets: %w", id, err)
		}
	}
	if text := record.Fact(evaluate.SetsFact); text != "" {
		sets, err := evaluate.ReadSets(text, len(p.classes))
		if err != nil {
			return p, fmt.Errorf("run %s: %w", id, err)
		}
		p.sets = &sets
	}
	return p, nil
}

// folder is where the checkpoints are: where --runs says, or else where they were
// stored.
func (c predictCommand) folder(rec *results.RunRecord) string {
	dir := filepath.Join(c.Runs, rec.ID)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	for _, a := range rec.Artefacts {
		if stored := folderOf(rec.ID, a); stored != "" {
			return stored
		}
	}
	return dir
}

// findNets lists the folders of the run's nets.
func (c predictCommand) findNets(p *predictor, dir string) error {
	found, err := filepath.Glob(filepath.Join(dir, "fold-*"))
	if err != nil {
		return err
	}
	for _, folder := range found {
		number, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), "fold-"))
		if err == nil && (c.Fold == 0 || c.Fold == number) {
			p.folders, p.numbers = append(p.folders, folder), append(p.numbers, number)
		}
	}
	if len(p.folders) == 0 && c.Fold != 0 {
		return stage.Fault{Err: fmt.Errorf("run %s has no fold %d in %s", p.record.ID, c.Fold, dir), Hint: "leave --fold out"}
	}
	if len(p.folders) == 0 {
		p.folders, p.numbers = []string{dir}, []int{0}
	}
	return nil
}

// predict makes the images and asks every net about them.
func (p predictor) predict(ctx context.Context, env stage.Env, cases audit.Cases) (all []stage.Prediction, err error) {
	images, err := preprocess.Run(ctx, env, p.e.Preprocess, cases)
	if err != nil {
		return nil, fmt.Errorf("preprocess: %w", err)
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	cfg := p.e.Model
	if cfg.Input, err = cfg.Input.Follow(images.Normalisation()); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	net, err := model.Blank(ctx, env, cfg, images.Shape(), p.e.Task(p.classes, p.targets))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	for i, folder := range p.folders {
		if err := train.Restore(ctx, net, folder); err != nil {
			return nil, err
		}
		items, err := train.Predict(ctx, env, p.e.Train, net, images)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			all = append(all, stage.Fold{Number: p.numbers[i], Of: len(p.folders)}.Prediction(item))
		}
	}
	if len(p.folders) > 1 {
		all = evaluate.MeanOfFolds(all)
	}
	return all, nil
}

// calibrated mends the probabilities as the run's validation split showed.
func (p predictor) calibrated(items []stage.Prediction) ([]stage.Prediction, error) {
	return calibratedAs(p.record, items)
}

// tellMissing says what has no prediction.
func (p predictor) tellMissing(console *console, cases audit.Cases, items []stage.Prediction) error {
	for _, d := range cases.Dropped {
		console.say("warning: left out: %s: %d, such as %s (%s)", d.Rule, len(d.IDs), d.IDs[0], d.Reason)
	}
	made := map[string]bool{}
	for _, item := range items {
		made[cmp.Or(p.samples[item.CaseID], item.CaseID)] = true
	}
	if asked := len(cases.Samples().Cases); len(made) < asked {
		console.say("warning: %d of %d images could not be used and have no prediction", asked-len(made), asked)
	}
	if len(items) == 0 {
		return stage.Fault{Err: errors.New("nothing could be predicted: no image could be used"), Hint: "the warnings say why; runner predict takes DICOM, NIfTI, PNG, JPEG and TIFF files"}
	}
	return nil
}

// tellMeasured says how good the predictions are, where the labels are known.
func (p predictor) tellMeasured(console *console, items []stage.Prediction) error {
	if slices.ContainsFunc(items, func(item stage.Prediction) bool { return item.Label < 0 }) {
		return nil
	}
	scalars, err := evaluate.Measure(p.e.Evaluate, p.classes)(items)
	if err != nil {
		return err
	}
	if p.sets != nil {
		of, err := p.sets.Measure(p.e.Evaluate, p.classes, items)
		if err != nil {
			return err
		}
		scalars = append(scalars, of...)
	}
	console.say("measured over %d cases:", len(items))
	widest := 24
	for _, s := range scalars {
		widest = max(widest, len(s.Name))
	}
	for _, s := range scalars {
		console.say("  %-*s %s", widest, s.Name, finalText(s))
	}
	return nil
}
