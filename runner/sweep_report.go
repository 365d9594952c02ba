package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"vertebra/experiments"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

func sweepReportPath(folder, id string) string { return filepath.Join(folder, "sweep-"+id+".html") }

// sweepReport is runner sweep report.
type sweepReport struct {
	Sweep   string `arg:"" help:"Id or name of the sweep, or latest." default:"latest"`
	Reports string `help:"Folder of HTML reports." default:"reports/out" type:"path"`
	database
}

// Run draws the report from the database.
func (c sweepReport) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		path, err := writeSweepReport(ctx, db, c.Sweep, c.Reports, true)
		if err == nil {
			_, err = fmt.Fprintln(w.out, path)
		}
		return err
	})
}

// writeSweepReport draws what is known of a sweep. While it runs, what takes long
// is left out: verdicts and what choosing the best is worth.
func writeSweepReport(ctx context.Context, db *results.DB, id, folder string, final bool) (string, error) {
	rec, err := db.LoadSweep(ctx, id)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	page, err := sweepPage(ctx, db, rec, folder, final)
	if err != nil {
		return "", err
	}
	path := sweepReportPath(folder, rec.ID)
	if err := reports.WriteSweep(ctx, page, path); err != nil || !final {
		return path, err
	}
	_, err = writeIndex(ctx, db, folder, listed{})
	return path, err
}

// sweepPage fills the page.
func sweepPage(ctx context.Context, db *results.DB, rec *results.SweepRecord, folder string, final bool) (reports.Sweep, error) {
	page := reports.Sweep{Record: rec, Best: -1, HasReport: func(run string) bool { return hasReport(folder, run) }}
	s, err := experiments.ReadSweep([]byte(rec.Experiment))
	if err != nil {
		return page, err
	}
	b := boardOf(rec, s)
	page.Settings, page.Trials = b.settings(), b.trials()
	page.Figures, page.Surfaces = b.importance()
	best := bestTrial(rec)
	if best == nil {
		return page, nil
	}
	page.Best = best.Number
	if e, err := experiments.Read([]byte(best.Experiment)); err == nil {
		e.Data.Split.Fold = s.Base.Data.Split.Fold
		page.Experiment = string(experiments.Plain(e))
	}
	run, err := db.Load(ctx, best.Run)
	if err != nil {
		return page, nil // it was deleted
	}
	page.Finals = run.Finals
	if final {
		b.judge(ctx, db, &page, best)
	}
	return page, nil
}

// sweepBoard is a sweep with what its settings mean.
type sweepBoard struct {
	rec    *results.SweepRecord
	s      *experiments.Sweep
	base   sweeps.Point
	points map[int]sweeps.Point
}

func boardOf(rec *results.SweepRecord, s *experiments.Sweep) sweepBoard {
	b := sweepBoard{rec: rec, s: s, points: map[int]sweeps.Point{}}
	if at, inside := s.BasePoint(); inside {
		b.base = at
	}
	for _, t := range rec.Trials {
		at, err := s.Space.Locate(t.Settings)
		switch {
		case t.Origin == results.Baseline && b.base != nil:
			b.points[t.Number] = b.base
			t.Settings = s.Space.Values(b.base)
		case t.Origin == results.Searched && err == nil:
			b.points[t.Number] = at
		}
	}
	return b
}

// value is the mean of the best values of a trial's runs; NaN without any.
func (b sweepBoard) value(number int) float64 {
	sum, n := 0.0, 0
	for _, t := range b.rec.Trials {
		if t.Number == number && !math.IsNaN(t.Value) && t.State != results.TrialFailed {
			sum, n = sum+t.Value, n+1
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}

func (b sweepBoard) numbers() []int {
	var out []int
	for _, t := range b.rec.Trials {
		out = append(out, t.Number)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (b sweepBoard) trials() (out []reports.SweepTrial) {
	for _, number := range b.numbers() {
		t := reports.SweepTrial{Number: number, Value: b.value(number), Shares: map[string]float64{}}
		for _, row := range b.rec.Trials {
			if row.Number == number {
				t.Rows = append(t.Rows, row)
			}
		}
		for _, p := range b.s.Space.Free() {
			if x, counts := b.points[number][p.Path]; counts {
				t.Shares[p.Path] = p.Share(x)
			}
		}
		t.Words = settingWords(t.Rows[0])
		out = append(out, t)
	}
	return out
}

// settings are the axes: those that are varied, the most important first.
func (b sweepBoard) settings() (out []reports.SweepSetting) {
	order := map[string]float64{}
	for _, i := range b.importances() {
		if i.With == "" {
			order[i.Path] = i.Share
		}
	}
	for _, p := range b.s.Space.Free() {
		setting := reports.SweepSetting{Path: p.Path}
		places := p.Extremes()
		if p.Choices == nil && p.Low != p.High {
			places = p.Marks()
		}
		for _, x := range places {
			setting.Ticks = append(setting.Ticks, reports.SweepTick{Share: p.Share(x), Text: p.Text(x)})
		}
		out = append(out, setting)
	}
	slices.SortStableFunc(out, func(x, y reports.SweepSetting) int {
		switch d := order[y.Path] - order[x.Path]; {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	return out
}

// seen are the trials as a forest learns from them.
func (b sweepBoard) seen() (out []sweeps.Seen) {
	for _, number := range slices.Sorted(maps.Keys(b.points)) {
		out = append(out, sweeps.Seen{Point: b.points[number], Value: b.value(number)})
	}
	return out
}

func (b sweepBoard) importances() []sweeps.Importance {
	return sweeps.Importances(b.s.Space, b.seen(), b.s.Base.Seed)
}

// mostPairs is how many interactions are listed, and surfaceGrid how fine their
// surfaces are.
const (
	mostPairs   = 8
	surfaceGrid = 24
)

// importance draws what settings explain, alone and together.
func (b sweepBoard) importance() (figures []stage.Record, surfaces []reports.Surface) {
	all := b.importances()
	if all == nil {
		return nil, nil
	}
	bars := stage.Bars{Name: "importance", Title: "Importance of settings", Section: "search", YLabel: "% of the variance of " + b.rec.Objective,
		Groups: []stage.BarGroup{{Label: "alone"}}}
	pairs := stage.Table{Name: "interactions", Title: "Settings that act together", Section: "search", Columns: []string{"settings", "% of the variance, beyond both alone"}}
	for _, i := range all {
		percent := math.Round(1000*i.Share) / 10
		if i.With == "" {
			bars.Categories, bars.Groups[0].Values = append(bars.Categories, i.Path), append(bars.Groups[0].Values, percent)
			continue
		}
		if len(pairs.Rows) < mostPairs {
			pairs.Rows = append(pairs.Rows, []any{i.Path + " and " + i.With, percent})
		}
		if len(surfaces) < 2 {
			if values := sweeps.Surface(b.s.Space, b.seen(), b.s.Base.Seed, i.Path, i.With, surfaceGrid); values != nil {
				surfaces = append(surfaces, reports.Surface{X: i.Path, Y: i.With, Values: values})
			}
		}
	}
	figures = append(figures, bars)
	if len(pairs.Rows) > 0 {
		figures = append(figures, pairs)
	}
	return figures, surfaces
}

// judge holds the best trial against the runner-up and the baseline, and says what
// being chosen is worth. What cannot be told is left out with its reason.
func (b sweepBoard) judge(ctx context.Context, db *results.DB, page *reports.Sweep, best *results.Trial) {
	remark := func(serious bool, format string, args ...any) {
		page.Remarks = append(page.Remarks, reports.Remark{Text: fmt.Sprintf(format, args...), Serious: serious})
	}
	for _, other := range b.rivals(best) {
		found, err := b.compare(ctx, db, other.trial, best)
		if err != nil || len(found.Pairs) == 0 {
			remark(false, "no verdict on the best trial against %s: %v", other.name, reason(err))
			continue
		}
		page.Verdicts = append(page.Verdicts, reports.Verdict{Kind: found.Pairs[0].Primary.Verdict, Text: "trial " + fmt.Sprint(best.Number) + " against " + other.name + ": " + found.Pairs[0].Words()})
	}
	if chosen, err := b.selected(ctx, db); err != nil {
		remark(false, "what choosing the best trial is worth cannot be said: %v", reason(err))
	} else {
		remark(true, "the best of %d trials that were trained to the end was chosen by its validation value, which is too good for that reason: %s is %.5g there, and %.5g (%.5g to %.5g) on cases that had no part in the choice, by %d resamples of %d groups (BBC-CV)",
			chosen.Among, chosen.Scalar.Title, chosen.Apparent, chosen.Corrected.Value, chosen.Corrected.Low, chosen.Corrected.High, chosen.Resamples, chosen.Groups)
	}
	for _, f := range page.Finals {
		if f.Series == string(stage.Test) && f.Name == metricOf(b.rec.Objective) {
			remark(false, "on the test split, which no trial was chosen by, the best trial has %s %.5g", f.Title, f.Value)
		}
	}
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
	q.Metrics = measuredAs(first, names)
	q.Metrics.Intervals.Resamples, q.Metrics.Intervals.Level = 1000, 0.95
	return evaluate.Compare(ctx, stage.Env{Seed: first.Seed, Workers: 2}, q)
}

// contender is a trial in comparisons: a run for each seed, which validated the cases of all
// folds together. It comes with the record of the trial's first run.
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
		one := contestant(run)
		one.Predictions = slices.DeleteFunc(one.Predictions, func(p stage.Prediction) bool { return p.Split != stage.Validation })
		seed := t.Replicate / folds
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
		out = append(out, rival{fmt.Sprintf("the second best, trial %d", second.Number), second})
	}
	if baseline != nil && baseline != second {
		out = append(out, rival{"the experiment as it was written", baseline})
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

// selected says what choosing the best of all trials that are done is worth.
func (b sweepBoard) selected(ctx context.Context, db *results.DB) (evaluate.Selected, error) {
	var done []*results.Trial
	for _, t := range b.rec.Trials {
		if t.Replicate == 0 && t.State == results.TrialDone && !slices.ContainsFunc(done, func(d *results.Trial) bool { return d.Run == t.Run }) {
			done = append(done, t)
		}
	}
	slices.SortStableFunc(done, func(x, y *results.Trial) int {
		switch d := meanValue(b.rec, x.Number) - meanValue(b.rec, y.Number); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	q := evaluate.Question{Split: stage.Validation, Primary: metricOf(b.rec.Objective)}
	for _, t := range done[:min(len(done), mostSelected)] {
		trial, run, err := b.contender(ctx, db, t)
		if err != nil {
			return evaluate.Selected{}, err
		}
		if q.Contender == nil {
			q.Metrics = measuredAs(run, []string{q.Primary})
			q.Metrics.Intervals.Resamples = 200
		}
		q.Contender = append(q.Contender, trial)
	}
	return evaluate.Select(ctx, stage.Env{Seed: b.s.Base.Seed}, q)
}
