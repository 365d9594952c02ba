package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// refitCommand is runner refit.
type refitCommand struct {
	ID   string `arg:"" name:"run" help:"Finished run of an experiment: its name (the latest so called), its id, the beginning of one, or latest."`
	Name string `help:"Name of the experiment; that of the run with -refit when empty."`
	Out  string `short:"o" help:"File to write; it must not be there yet. Standard output when absent or -, for a file beside that of the run." placeholder:"FILE" type:"path"`
	database
}

// AfterApply takes - for standard output.
func (c *refitCommand) AfterApply() error {
	if c.Out == "-" {
		c.Out = ""
	}
	return nil
}

// Run writes the experiment of a run as one that trains on all cases but the test ones, for as
// long as the run found best.
func (c refitCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		record, err := db.Load(ctx, c.ID)
		if err != nil {
			return err
		}
		text, err := c.text(record)
		if err != nil {
			return fmt.Errorf("run %s: %w", record.ID, err)
		}
		if c.Out == "" {
			_, err := w.out.Write(text)
			return err
		}
		if _, err := os.Lstat(c.Out); err == nil {
			return stage.Fault{Err: fmt.Errorf("%s is there already", w.called(c.Out)), Hint: "name another file"}
		}
		if err := writeNew(c.Out, writeText(string(text))); err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.out, "wrote %s; look at it, then: runner check %s\n", w.called(c.Out), stage.ShellWord(w.called(c.Out)))
		return err
	})
}

// text is the file: what it changes of the run's, where that is still what it was; else all of it.
func (c refitCommand) text(record *results.RunRecord) ([]byte, error) {
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
	if x.Name = c.Name; x.Name == "" {
		x.Name = record.Name + "-refit"
	}
	x.Purpose = fmt.Sprintf("One net of all that run %s trained and validated on.", record.ID)
	e.Name, e.Purpose = x.Name, x.Purpose
	head := fmt.Sprintf("# Run %s again, on all cases but the test ones, for %s.\n# What to expect of it are the numbers of that run: nothing is left to validate on.\n", record.ID, epochs)
	short, err := c.extension(record, x, e)
	if err != nil {
		return append([]byte(head+fmt.Sprintf("# All settings are written out: %v.\n", err)), experiments.Plain(e)...), nil
	}
	if c.Out == "" {
		head += "# Save it beside " + filepath.Base(record.File) + ", or name that by its path from here.\n"
	}
	return append([]byte(head), short...), nil
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

// extension writes e as a file that extends that of the run. It is read as it will be, since that
// file, or one that it extends, may have been changed or moved.
func (c refitCommand) extension(record *results.RunRecord, x experiments.Extension, e experiments.Experiment) ([]byte, error) {
	if _, err := os.Stat(record.File); err != nil {
		return nil, fmt.Errorf("%s is not there any more", filepath.Base(record.File))
	}
	at := c.Out
	if at == "" {
		at = filepath.Join(filepath.Dir(record.File), "."+filepath.Base(record.File)+".refit")
	}
	at, err := filepath.Abs(at) // as run reads files, so that paths in them agree
	if err != nil {
		return nil, err
	}
	file, err := filepath.Abs(record.File)
	if err != nil {
		return nil, err
	}
	x.Extends = relative(at, file)
	text, err := x.YAML()
	if err != nil {
		return nil, err
	}
	got, err := experiments.LoadText(at, text)
	if err != nil || string(experiments.Resolved(got)) != string(experiments.Resolved(e)) {
		return nil, fmt.Errorf("%s says something else now, or was changed by --set", filepath.Base(record.File))
	}
	return text, nil
}
