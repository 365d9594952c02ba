package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"vertebra/finished"
	"vertebra/finished/compare"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// judge holds the best trial against the runner-up and the baseline, and says what
// being chosen is worth. What cannot be told is left out with its reason.
func (b sweepBoard) judge(ctx context.Context, db *results.DB, page *reports.Sweep, best *results.Trial) {
	remark := func(serious bool, format string, args ...any) {
		page.Remarks = append(page.Remarks, reports.Remark{Text: fmt.Sprintf(format, args...), Serious: serious})
	}
	for _, other := range b.rivals(best) {
		found, err := b.compare(ctx, db, other.trial, best)
		if err != nil || len(found.Pairs) == 0 {
			remark(false, "no verdict on the best trial against another (%s): %v", other.name, stage.WithoutHint(err))
			continue
		}
		page.Verdicts = append(page.Verdicts, reports.Verdict{Kind: found.Pairs[0].Primary.Verdict, Text: found.Pairs[0].Words() + " (" + other.name + ")"})
	}
	if chosen, err := b.selected(ctx, db); err != nil {
		remark(false, "what choosing the best trial is worth cannot be said: %v", stage.WithoutHint(err))
	} else {
		remark(true, "the best of %d trials that were trained to the end was chosen by its validation value, which is too good for that reason: %s is %.5g there, and %.5g (%.5g to %.5g) on cases that had no part in the choice, by %d resamples of %d groups (BBC-CV)",
			chosen.Among, chosen.Scalar.Title, chosen.Apparent, chosen.Corrected.Value, chosen.Corrected.Low, chosen.Corrected.High, chosen.Resamples, chosen.Groups)
	}
	for _, f := range page.Finals {
		if f.Series == string(stage.Test) && f.Name == metricOf(b.rec.Objective) && !b.s.Base.Data.Split.TestsInTurn() {
			remark(false, "on the test split, which no trial was chosen by, the best trial has %s %.5g", f.Title, f.Value)
		}
	}
}

// inTurn says what test numbers of trials are worth whose folds take turns as test set, and fills the
// section of a nested cross-validation.
func (b sweepBoard) inTurn(ctx context.Context, db *results.DB, page *reports.Sweep, best *results.Trial) {
	if !b.s.Base.Data.Split.TestsInTurn() {
		return
	}
	text := fmt.Sprintf("test numbers of trial %d may be too good: cases that one fold tests are validated on in others, and it was chosen by all folds", best.Number)
	if !b.s.Config.Nested {
		text += "; sweep: {folds: true, nested: true} says what searching and then training is worth"
	}
	page.Remarks = append(page.Remarks, reports.Remark{Serious: true, Text: text})
	if !b.s.Config.Nested {
		return
	}
	n, err := b.nest(ctx, db)
	if err != nil {
		page.Remarks = append(page.Remarks, reports.Remark{Text: fmt.Sprintf("what searching and training is worth cannot be said: %v", stage.WithoutHint(err))})
		return
	}
	page.Remarks = append(page.Remarks, reports.Remark{Text: n.words()})
	page.Figures = append(page.Figures, n.tables()...)
}

// compare holds the best trial against another, on the cases that both validated.
func (b sweepBoard) compare(ctx context.Context, db *results.DB, other, best *results.Trial) (evaluate.Comparison, error) {
	q := evaluate.Question{Split: stage.Validation, Primary: metricOf(b.rec.Objective)}
	var first *results.RunRecord
	for _, t := range []*results.Trial{other, best} {
		trial, run, err := b.contender(ctx, db, t)
		if err != nil {
			return evaluate.Comparison{}, err
		}
		first, q.Contender = cmp.Or(first, run), append(q.Contender, trial)
	}
	var names []string
	for _, s := range first.Finals {
		names = append(names, s.Name)
	}
	q.Metrics = compare.MeasuredAs(first, names)
	q.Metrics.Intervals.Resamples, q.Metrics.Intervals.Level = 1000, 0.95
	return evaluate.Compare(ctx, stage.Env{Seed: first.Seed, Workers: 2}, q)
}

// contender is a trial in comparisons: a run for each seed, which validated the cases of all
// folds together, see evaluate.Validated. It comes with the record of the trial's first run.
func (b sweepBoard) contender(ctx context.Context, db *results.DB, trial *results.Trial) (c evaluate.Contender, first *results.RunRecord, err error) {
	c.Name = fmt.Sprintf("trial %d", trial.Number)
	folds := 1
	if b.s.Config.Folds {
		folds = b.s.Base.Data.Split.Folds
	}
	at := map[int]int{} // place of each seed's run
	for _, t := range b.rec.Trials {
		if t.Number != trial.Number || t.State != results.TrialDone {
			continue
		}
		run, err := db.Load(ctx, t.Run)
		if err != nil {
			return c, first, err
		}
		one := finished.Contestant(run)
		seed, fold := t.Replicate/folds, t.Replicate%folds+1
		if one.Predictions = evaluate.Validated(one.Predictions, fold, b.s.Base.Data.Split.TestsInTurn()); one.Predictions == nil {
			continue
		}
		if i, known := at[seed]; known {
			c.Runs[i].Predictions = append(c.Runs[i].Predictions, one.Predictions...)
			continue
		}
		at[seed], first = len(c.Runs), cmp.Or(first, run)
		c.Runs = append(c.Runs, one)
	}
	if first == nil {
		return c, nil, fmt.Errorf("trial %d has no run that is done", trial.Number)
	}
	return c, first, nil
}

// rival is a trial that the best one is held against.
type rival struct {
	name  string
	trial *results.Trial
}

// rivals are the second best and the baseline.
func (b sweepBoard) rivals(best *results.Trial) (out []rival) {
	var second, baseline *results.Trial
	for _, t := range b.rec.Trials {
		if t.Replicate > 0 || t == best || t.State != results.TrialDone || t.Run == best.Run {
			continue
		}
		if t.Origin == results.Baseline {
			baseline = t
		}
		if v := meanValue(b.rec, t.Number); !math.IsNaN(v) && (second == nil || v < meanValue(b.rec, second.Number)) {
			second = t
		}
	}
	if second != nil {
		out = append(out, rival{fmt.Sprintf("trial %d is the second best", second.Number), second})
	}
	if baseline != nil && baseline != second {
		out = append(out, rival{fmt.Sprintf("trial %d is the experiment as it was written", baseline.Number), baseline})
	}
	return out
}

// metricOf is the number of an objective: loss of validation.loss.
func metricOf(objective string) string {
	for i := range objective {
		if objective[i] == '.' {
			return objective[i+1:]
		}
	}
	return objective
}

// mostSelected is how many trials the correction looks at; the rest, the worst,
// would not be chosen anyway.
const mostSelected = 60

// choosable are the trials of which the best was chosen, the best first: those with all of their runs
// done. A run that several trials share counts once.
func (b sweepBoard) choosable() (out []*results.Trial) {
	for _, t := range b.rec.Trials {
		shared := func(o *results.Trial) bool { return o.Run == t.Run }
		if t.Replicate == 0 && t.State == results.TrialDone && !math.IsNaN(meanValue(b.rec, t.Number)) && !slices.ContainsFunc(out, shared) {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(x, y *results.Trial) int {
		return cmp.Compare(meanValue(b.rec, x.Number), meanValue(b.rec, y.Number))
	})
	return out
}

// selected says what choosing the best of all trials that are done is worth.
func (b sweepBoard) selected(ctx context.Context, db *results.DB) (evaluate.Selected, error) {
	q, done := evaluate.Question{Split: stage.Validation, Primary: metricOf(b.rec.Objective)}, b.choosable()
	for _, t := range done[:min(len(done), mostSelected)] {
		trial, run, err := b.contender(ctx, db, t)
		if err != nil {
			return evaluate.Selected{}, err
		}
		if q.Contender == nil {
			q.Metrics = compare.MeasuredAs(run, []string{q.Primary})
			q.Metrics.Intervals.Resamples = 200
		}
		q.Contender = append(q.Contender, trial)
	}
	return evaluate.Select(ctx, stage.Env{Seed: b.s.Base.Seed}, q)
}
