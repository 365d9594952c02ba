package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/evaluate"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// exportPredictionsCommand is runner export predictions.
type exportPredictionsCommand struct {
	ID    string `arg:"" name:"run" help:"Finished run, or ensemble: its name (the latest so called), its id, the beginning of one, or latest."`
	File  string `arg:"" help:"CSV file to write." type:"path"`
	Split string `help:"Which predictions: validation, test, or both." enum:"validation,test,both" default:"both"`
	Raw   bool   `help:"Leave the probabilities as the nets gave them, also where the run is calibrated; prediction sets are then left out."`
	database
}

// Help says what is in the file.
func (exportPredictionsCommand) Help() string {
	return `The predictions that a run stored, of the cases that its nets were not trained on, as
runner predict writes them, with the columns split and, after a cross-validation, fold.
The validation rows of all folds are out-of-fold predictions: each case is predicted by the
one net that did not see it. A test row is then the mean over the nets. Where folds take turns
as test set (data.split.rotate: test) the test rows are out-of-fold, and there are no others.
Nothing is computed, and neither images nor checkpoints are needed. train.soft_labels reads
such a file.`
}

// Run writes the file, and says what is in it.
func (c exportPredictionsCommand) Run(ctx context.Context, w world) error {
	if packages.Names(c.ID) {
		return stage.Fault{Err: fmt.Errorf("%s is a package, which holds no predictions", c.ID), Hint: "name a run of the database"}
	}
	record, err := c.load(ctx, c.ID)
	if err != nil {
		return err
	}
	run, err := finished.Store{DB: c.DB}.Stored(record)
	if err != nil {
		return err
	}
	items := labelIssuesCommand{Split: c.Split}.chosen(finished.Contestant(record).Predictions)
	if len(items) == 0 {
		return stage.Fault{Err: fmt.Errorf("run %s has no predictions of that split", record.ID), Hint: "leave --split out"}
	}
	p, err := finished.Read(run)
	if err != nil {
		return err
	}
	if c.Raw && run.Fact(evaluate.CalibrationFact) != "" {
		p.Sets = nil // their thresholds are those of calibrated probabilities
	}
	if !c.Raw {
		if items, err = p.Calibrated(items); err != nil {
			return err
		}
	}
	inFolds := evaluate.OfFolds(record.Predictions)
	if err := c.write(p, items, inFolds); err != nil {
		return err
	}
	return c.tell(w, p, items, inFolds)
}

// write writes the file as a whole. It takes the place of one that begins as it does.
func (c exportPredictionsCommand) write(p finished.Opened, items []stage.Prediction, inFolds bool) error {
	t := c.table(p, inFolds)
	var head strings.Builder
	if err := writePredictions(&head, predictionTable{head: t.head}, nil); err != nil {
		return err
	}
	if err := notReadBy(p.Run, c.File); err != nil {
		return err
	}
	if err := mayReplace(c.File, []string{c.DB}, head.String()); err != nil {
		return err
	}
	return writeWhole(c.File, func(out io.Writer) error { return writePredictions(out, t, items) })
}

// notReadBy refuses the file that a run read its soft labels from: without it nobody could
// repeat the run.
func notReadBy(run finished.Run, path string) error {
	e, err := experiments.Stored(run.Experiment())
	if err != nil || e.Train.SoftLabels == nil { // an ensemble has none
		return nil
	}
	own, err := os.Stat(string(e.Train.SoftLabels.File))
	if there, failed := os.Stat(path); err != nil || failed != nil || !os.SameFile(own, there) {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("%s holds the soft labels that run %s was trained with", path, run.ID()), Hint: "name another file"}
}

// table is that of runner predict with the split, and the fold where there are several.
func (c exportPredictionsCommand) table(p finished.Opened, inFolds bool) predictionTable {
	t := tables{predict.Predictor{Opened: p}}.table(true)
	plain := t.row
	t.head = append(t.head, "split")
	if inFolds {
		t.head = append(t.head, "fold")
	}
	t.row = func(item stage.Prediction) []string {
		row := append(plain(item), string(item.Split))
		if inFolds {
			row = append(row, item.Tags[stage.FoldTag])
		}
		return row
	}
	return t
}

// tell says whose predictions these are.
func (c exportPredictionsCommand) tell(w world, p finished.Opened, items []stage.Prediction, inFolds bool) error {
	validation := len(evaluate.LastOf(items, stage.Validation))
	var parts []string
	if validation > 0 {
		words := fmt.Sprintf("%d of validation", validation)
		if inFolds {
			words += ", each by the net of the fold that held it out"
		}
		parts = append(parts, words)
	}
	if test := len(items) - validation; test > 0 {
		words := fmt.Sprintf("%d of test", test)
		if evaluate.TestedInTurn(items) {
			words += ", each by the net of the fold that tested it"
		}
		parts = append(parts, words)
	}
	_, err := fmt.Fprintf(w.err, "%d predictions of run %s in %s: %s\n", len(items), p.Run.ID(), w.called(c.File), strings.Join(parts, "; "))
	return err
}
