package main

import (
	"context"
	"fmt"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// bestCommand is runner best.
type bestCommand struct {
	Sweep string `arg:"" help:"Id or name of a sweep, or latest." default:"latest"`
	Trial int    `help:"Another trial than the best." default:"-1"`
	derivedFile
	database
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
		text, err := c.made(rec, t)
		if err != nil {
			return err
		}
		return c.write(w, text)
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

// made writes what the trial changes of the sweep's file.
func (c bestCommand) made(rec *results.SweepRecord, t *results.Trial) ([]byte, error) {
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
	x := experiments.Extension{Remove: []string{"sweep"}, Set: experiments.Assignments(t.Sets)}
	if len(t.Settings) > 0 {
		point, err := s.Space.Locate(t.Settings)
		if err != nil {
			return whole(head+".\n", err, e), nil
		}
		x.Set = append(x.Set, s.Space.Assign(point)...)
	}
	return c.text(head+".\n", rec.File, x, e), nil
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
