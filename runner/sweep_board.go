package main

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"vertebra/experiments"
	"vertebra/reports"
	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

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
		setting := reports.SweepSetting{Path: p.Path, Choices: p.Choices != nil, Log: p.Log, Names: p.Names()}
		places := p.Extremes()
		if p.Choices == nil && p.Low != p.High {
			places = p.Marks()
		}
		for _, x := range places {
			setting.Ticks = append(setting.Ticks, reports.SweepTick{Share: p.Share(x), Text: setting.Called(p.Text(x))})
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

// whole says whether a trial was trained to the end, in all its runs that did not fail.
func (b sweepBoard) whole(number int) (done bool) {
	for _, t := range b.rec.Trials {
		switch {
		case t.Number != number || t.State == results.TrialFailed:
		case t.State == results.TrialDone:
			done = true
		default:
			return false
		}
	}
	return done
}

// seen are the trials as a forest learns from them, those that were ended early at their best value.
func (b sweepBoard) seen() (out []sweeps.Seen) {
	for _, number := range slices.Sorted(maps.Keys(b.points)) {
		out = append(out, sweeps.Seen{Point: b.points[number], Value: b.value(number), Whole: b.whole(number)})
	}
	return out
}

// seenWhole are the trials that importance is read from: those that were trained to the end. What one
// gave that was ended early is its number after fewer epochs, which says more of when it was
// ended than of its settings; Optuna's evaluators of importance leave pruned trials out, too.
func (b sweepBoard) seenWhole() []sweeps.Seen {
	return slices.DeleteFunc(b.seen(), func(s sweeps.Seen) bool { return !s.Whole })
}

// learntFrom says which trials importance is read from.
func (b sweepBoard) learntFrom() string {
	n, early := len(b.seenWhole()), 0
	for number := range b.points {
		if !b.whole(number) && !math.IsNaN(b.value(number)) {
			early++
		}
	}
	text := fmt.Sprintf(", over %d trials trained to the end", n)
	if early > 0 {
		text += fmt.Sprintf("; %d that were not are left out", early)
	}
	return text
}

func (b sweepBoard) importances() []sweeps.Importance {
	return sweeps.Importances(b.s.Space, b.seenWhole(), b.s.Base.Seed)
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
	bars := stage.Bars{Name: "importance", Title: "Importance of settings", Section: "search", YLabel: "% of the variance of " + b.rec.Objective + b.learntFrom(),
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
