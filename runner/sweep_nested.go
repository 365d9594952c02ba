package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/compare"
	"vertebra/finished/ensemble"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// sweepNested is runner sweep nested.
type sweepNested struct {
	Sweep   string `arg:"" help:"Id or name of the sweep, or latest." default:"latest"`
	Workers int    `help:"Resamples measured at once." default:"${workers}"`
	places
}

// Run chooses a trial for each fold, stores what they say together, and draws the sweep's report.
func (c sweepNested) Run(ctx context.Context, w world) (err error) {
	db, err := results.OpenExisting(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.WaitLong(ctx, lockPatience, w.tell)
	rec, err := db.LoadSweep(ctx, c.Sweep)
	if err != nil {
		return err
	}
	return sweepRun{places: c.places, Workers: c.Workers}.nested(ctx, w, db, rec.ID)
}

// nested stores, as the blend of one run for each fold, what the trials say that folds chose, and
// tells it.
func (c sweepRun) nested(ctx context.Context, w world, db *results.DB, id string) error {
	rec, err := db.LoadSweep(ctx, id)
	if err != nil {
		return err
	}
	s, err := experiments.ReadSweep([]byte(rec.Experiment))
	if err != nil {
		return err
	}
	n, err := boardOf(rec, s).nest(ctx, db)
	if err != nil {
		return err
	}
	fmt.Fprintln(w.out)
	for _, f := range n.folds {
		fmt.Fprintf(w.out, "fold %d   trial %d of %d: %s %.5g:%s\n", f.number, f.trial.Number, f.among, rec.Objective, f.trial.Value, settingWords(f.trial))
	}
	fmt.Fprintf(w.out, "nested   %s\n", n.words())
	make := ensembleCommand{Name: rec.Name + "-nested", By: "mean", Weights: "equal", For: metricOf(rec.Objective), Rounds: 1, Workers: max(1, c.Workers), places: c.places}
	options, err := make.options()
	if err != nil {
		return err
	}
	options.Nested = rec.ID
	if _, err := make.blend(ctx, w, db, n.runs(), options); err != nil {
		return err
	}
	_, err = writeSweepReport(ctx, db, rec.ID, c.Reports, true)
	return err
}

// nestedFold is the trial that a fold's own validation number chose.
type nestedFold struct {
	number, among int // the fold, and how many trials there were to choose from
	trial         *results.Trial
	run           *results.RunRecord
}

// nestedSweep is what the search of a sweep and training after it are worth.
type nestedSweep struct {
	objective string
	folds     []nestedFold
	best      *results.Trial // chosen by all folds together
	names     []stage.Scalar
	// numbers are those of the test cases of all folds, of the trial that each chose, and naive those of
	// the best trial, which was chosen by cases that it is tested on.
	numbers, naive map[string]stage.Scalar
}

// nest chooses the trial of each fold and measures what they say of the test cases together. Nothing
// is trained: in a sweep of a run for each fold all there is to choose from is there.
func (b sweepBoard) nest(ctx context.Context, db *results.DB) (n nestedSweep, err error) {
	if path, text, hint := experiments.NestedFits(b.s.Base, b.s.Config); path != "" {
		return n, stage.Fault{Err: fmt.Errorf("sweep %s is no nested cross-validation: %s: %s", b.rec.ID, path, text), Hint: hint}
	}
	n.objective, n.best = b.rec.Objective, bestTrial(b.rec)
	for fold := 1; fold <= b.s.Base.Data.Split.Folds; fold++ {
		f, err := b.chosenBy(fold)
		if err != nil {
			return n, err
		}
		if f.run, err = db.Load(ctx, f.trial.Run); err != nil {
			return n, err
		}
		n.folds = append(n.folds, f)
	}
	if n.numbers, err = n.measure(ctx, n.runs()); err != nil || n.best == nil {
		return n, err
	}
	var runs []*results.RunRecord
	for _, t := range b.rec.Trials {
		if t.Number == n.best.Number && t.State == results.TrialDone {
			run, err := db.Load(ctx, t.Run)
			if err != nil {
				return n, err
			}
			runs = append(runs, run)
		}
	}
	n.naive, err = n.measure(ctx, runs)
	return n, err
}

// chosenBy is the best trial by the validation number of one fold. Trials that people added count
// for nothing: they may have been led by what folds told.
func (b sweepBoard) chosenBy(fold int) (f nestedFold, err error) {
	f.number = fold
	for _, t := range b.rec.Trials {
		if t.Replicate != fold-1 || t.State != results.TrialDone || t.Origin == results.Added || math.IsNaN(t.Value) || t.Run == "" {
			continue
		}
		f.among++
		if f.trial == nil || (b.rec.Better == stage.HigherBetter) == (t.Value > f.trial.Value) && t.Value != f.trial.Value {
			f.trial = t
		}
	}
	if f.trial == nil {
		return f, stage.Fault{Err: fmt.Errorf("no trial of sweep %s is done in fold %d", b.rec.ID, fold), Hint: "the same sweep goes on until all trials have a run of each fold"}
	}
	return f, nil
}

func (n nestedSweep) runs() (out []*results.RunRecord) {
	for _, f := range n.folds {
		out = append(out, f.run)
	}
	return out
}

// measure gives the numbers of what runs of single folds tested, together, as their calibrations leave
// it. It notes what numbers there are.
func (n *nestedSweep) measure(ctx context.Context, runs []*results.RunRecord) (map[string]stage.Scalar, error) {
	items, err := ensemble.Tested(runs)
	if err != nil {
		return nil, err
	}
	_, decides, _ := strings.Cut(n.objective, ".")
	names := []string{decides}
	for _, s := range runs[0].Finals {
		names = append(names, s.Name)
	}
	cfg, out := compare.MeasuredAs(runs[0], names), map[string]stage.Scalar{}
	if own, err := experiments.Measured(runs[0].Experiment); err == nil {
		cfg.Intervals = own.Intervals
	}
	classes := finished.Contestant(runs[0]).Classes
	n.names = nil
	for _, s := range evaluate.Names(cfg) {
		if cfg.Gives(classes, items, s.Name) != nil {
			continue
		}
		if out[s.Name], err = cfg.Number(ctx, stage.Env{Seed: runs[0].Seed, Workers: 2}, classes, items, s.Name); err != nil {
			return nil, err
		}
		if n.names = append(n.names, s); s.Name == decides {
			n.names[0], n.names[len(n.names)-1] = s, n.names[0]
		}
	}
	return out, nil
}
