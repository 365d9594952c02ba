package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// refitCommand is runner refit.
type refitCommand struct {
	ID string `arg:"" name:"run" help:"Finished run of an experiment: its name (the latest so called), its id, the beginning of one, or latest."`
	derivedFile
	database
}

// Run writes the experiment of a run as one that trains on all cases but the test ones, or on all
// where folds took turns as test set, for as long as the run found best.
func (c refitCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		record, err := db.Load(ctx, c.ID)
		if err != nil {
			return err
		}
		text, err := c.made(record)
		if err != nil {
			return fmt.Errorf("run %s: %w", record.ID, err)
		}
		return c.write(w, text)
	})
}

// made writes what is changed of the run's file.
func (c refitCommand) made(record *results.RunRecord) ([]byte, error) {
	switch {
	case record.Status != results.Done:
		return nil, stage.Fault{Err: fmt.Errorf("it is %s", record.StatusWords()), Hint: "refit a finished run"}
	case record.Fact(results.EnsembleFact) != "" || record.Fact(results.ValidationFact) != "":
		return nil, stage.Fault{Err: errors.New("it trained no net of its own"), Hint: "refit the run of an experiment"}
	}
	e, err := experiments.Stored(record.Experiment)
	if err != nil {
		return nil, err
	}
	if !e.Data.Split.Validates() {
		return nil, stage.Fault{Err: errors.New("it validated on nothing, so nobody knows how long to train"), Hint: "refit a run with validation cases, such as a cross-validation"}
	}
	x, epochs := refit(&e, record)
	if e.Name = c.Name; e.Name == "" {
		e.Name = record.Name + "-refit"
	}
	e.Purpose = fmt.Sprintf("One net of all that run %s trained and validated on.", record.ID)
	head := fmt.Sprintf("# Run %s again, on all cases but the test ones, for %s.\n# What to expect of it are the numbers of that run: nothing is left to validate on.\n", record.ID, epochs)
	if e.Data.Split.TestsInTurn() {
		e.Purpose = fmt.Sprintf("One net of all cases, with the settings of run %s, whose folds tested them in turn.", record.ID)
		head = fmt.Sprintf("# Run %s again, on all cases, for %s. Nothing is left to validate or to test on.\n# What it is worth are the test numbers of that run: those of its nets, which learnt from fewer cases.\n", record.ID, epochs)
	}
	for _, p := range e.Train.Phases {
		if strings.HasPrefix(p.Schedule.Name, "plateau") {
			head += fmt.Sprintf("# The schedule %s of phase %s goes by the training loss now: its rate falls later, or never.\n", p.Schedule.Name, p.Name)
		}
	}
	return c.text(head, record.File, x, e), nil
}

// refit changes an experiment, and says what it changed. Phases that keep their best weights end
// with the epoch that had these, the median of the folds; the others take as long as they did.
// What is learnt from validation cases is left out.
func refit(e *experiments.Experiment, record *results.RunRecord) (x experiments.Extension, epochs string) {
	set := func(path string, value any) {
		x.Set = append(x.Set, experiments.Assignments([]string{fmt.Sprintf("%s=%v", path, value)})...)
	}
	remove := func(path string, there bool) {
		if there {
			x.Remove = append(x.Remove, path)
		}
	}
	remove("sweep", e.Sweep != nil)
	remove("evaluate.calibrate", e.Evaluate.Calibrate != nil)
	remove("evaluate.sets", e.Evaluate.Sets != nil)
	remove("evaluate.outliers", e.Evaluate.Outliers != nil)
	e.Sweep, e.Evaluate.Calibrate, e.Evaluate.Sets, e.Evaluate.Outliers = nil, nil, nil, nil
	e.Data.Split.Fold, e.Train.Monitor = stage.AllFolds, "train.loss"
	set("data.split.fold", stage.AllFolds)
	set("train.monitor", "train.loss")
	var words []string
	for i := range e.Train.Phases {
		p, at := &e.Train.Phases[i], fmt.Sprintf("train.phases.%d.", i)
		remove(at+"stop", p.Stop != nil)
		remove(at+"monitor", p.Monitor != "")
		p.Epochs = lasted(record, p.Name, p.Keep == "best", p.Epochs)
		p.Stop, p.Monitor, p.Keep = nil, "", "last"
		set(at+"epochs", p.Epochs)
		set(at+"keep", p.Keep)
		if i > 0 {
			p.From = "last"
			set(at+"from", p.From)
		}
		words = append(words, fmt.Sprintf("%d of %s", p.Epochs, p.Name))
	}
	return x, "epochs " + strings.Join(words, ", ")
}

// lasted is how many epochs a phase took, to its best one or to its end: the median of all folds,
// of two in the middle the longer; otherwise where the run does not tell.
func lasted(record *results.RunRecord, phase string, best bool, otherwise int) int {
	var all []int
	for _, p := range record.Phases {
		name, _, _ := stage.ParseFoldName(p.Name)
		if p.Name != phase && name != phase || p.FirstEpoch < 1 || p.LastEpoch < p.FirstEpoch {
			continue
		}
		end := p.LastEpoch
		if best && p.BestEpoch >= p.FirstEpoch {
			end = p.BestEpoch
		}
		all = append(all, end-p.FirstEpoch+1)
	}
	if all == nil {
		return otherwise
	}
	slices.Sort(all)
	return all[len(all)/2]
}
