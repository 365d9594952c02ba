package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// bestCommand is runner best.
type bestCommand struct {
	Sweep string `arg:"" help:"Id or name of a sweep, or latest." default:"latest"`
	Trial int    `help:"Another trial than the best." default:"-1"`
	Name  string `help:"Name of the experiment; that of the sweep with the number of the trial when empty."`
	Out   string `short:"o" help:"File to write; it must not be there yet. Standard output when absent or -, for a file beside that of the sweep." placeholder:"FILE" type:"path"`
	database
}

// AfterApply takes - for standard output.
func (c *bestCommand) AfterApply() error {
	if c.Out == "-" {
		c.Out = ""
	}
	return nil
}

// Run writes the winning experiment as a file that is ready to run.
func (c bestCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		rec, err := db.LoadSweep(ctx, c.Sweep)
		if err != nil {
			return err
		}
		t, err := c.trial(rec)
		if err != nil {
			return err
		}
		text, err := c.text(rec, t)
		if err != nil {
			return err
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

func (c bestCommand) trial(rec *results.SweepRecord) (*results.Trial, error) {
	t := bestTrial(rec)
	for _, other := range rec.Trials {
		if other.Number == c.Trial && other.Replicate == 0 {
			t = other
		}
	}
	if t == nil || c.Trial >= 0 && t.Number != c.Trial || t.Experiment == "" {
		return nil, stage.Fault{Err: fmt.Errorf("sweep %s has no such trial that is done: %s", rec.ID, countsWords(rec)), Hint: "runner sweep status " + rec.ID}
	}
	return t, nil
}

// text writes what the trial changes of the sweep's file, where that gives the very
// experiment of the trial; else all of it.
func (c bestCommand) text(rec *results.SweepRecord, t *results.Trial) ([]byte, error) {
	e, err := experiments.Read([]byte(t.Experiment))
	if err != nil {
		return nil, err
	}
	s, err := experiments.ReadSweep([]byte(rec.Experiment))
	if err != nil {
		return nil, err
	}
	e.Data.Split.Fold = s.Base.Data.Split.Fold // the trial's first run is of a fold where the sweep's folds are
	e.Name = c.Name
	if e.Name == "" {
		e.Name = fmt.Sprintf("%s-trial-%d", rec.Name, t.Number)
	}
	e.Purpose = fmt.Sprintf("Trial %d of sweep %s: %s %s.", t.Number, rec.ID, rec.Objective, valueWords(rec, t))
	head := fmt.Sprintf("# Trial %d of sweep %s, of %d:%s\n# %s %s", t.Number, rec.ID, trialsOf(rec), settingWords(t), rec.Objective, valueWords(rec, t))
	if best := bestTrial(rec); best == t {
		head += ", chosen as the best of them: a new run on other data may be worse"
	}
	short, err := c.extension(rec, s, t, e)
	if err != nil {
		return append([]byte(head+fmt.Sprintf(".\n# All settings are written out: %v.\n", err)), experiments.Plain(e)...), nil
	}
	head += ".\n"
	if c.Out == "" {
		head += "# Save it beside " + filepath.Base(rec.File) + ", or name that by its path from here.\n"
	}
	return append([]byte(head), short...), nil
}

// valueWords is the number that a trial is judged by.
func valueWords(rec *results.SweepRecord, t *results.Trial) string {
	sum, n := 0.0, 0
	for _, run := range rec.Trials {
		if run.Number == t.Number && (run.State == results.TrialDone || len(run.Values) > 0) {
			sum, n = sum+run.Value, n+1
		}
	}
	switch n {
	case 0:
		return "unknown"
	case 1:
		return fmt.Sprintf("%.5g", sum)
	}
	return fmt.Sprintf("%.5g (mean of %d runs)", sum/float64(n), n)
}

// extension writes e as a file that extends that of the sweep. It is read as it will be,
// since the sweep's file, or one that it extends, may have been changed or moved.
func (c bestCommand) extension(rec *results.SweepRecord, s *experiments.Sweep, t *results.Trial, e experiments.Experiment) ([]byte, error) {
	if _, err := os.Stat(rec.File); err != nil {
		return nil, fmt.Errorf("%s is not there any more", filepath.Base(rec.File))
	}
	at := c.Out
	if at == "" {
		at = filepath.Join(filepath.Dir(rec.File), "."+filepath.Base(rec.File)+".best")
	}
	x := experiments.Extension{Extends: relative(at, rec.File), Name: e.Name, Purpose: e.Purpose, Remove: []string{"sweep"}}
	x.Set = experiments.Assignments(t.Sets)
	if len(t.Settings) > 0 {
		point, err := s.Space.Locate(t.Settings)
		if err != nil {
			return nil, err
		}
		x.Set = append(x.Set, s.Space.Assign(point)...)
	}
	text, err := x.YAML()
	if err != nil {
		return nil, err
	}
	got, err := experiments.LoadText(at, text)
	if err != nil || string(experiments.Resolved(got)) != string(experiments.Resolved(e)) {
		return nil, fmt.Errorf("%s says something else now, or was changed by --set", filepath.Base(rec.File))
	}
	return text, nil
}
