package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

// take goes on with the latest sweep of the name, or begins one. No queue means
// that there is nothing to do.
func (c sweepRun) take(ctx context.Context, w world, db *results.DB, s *experiments.Sweep) (*results.Queue, time.Time, error) {
	objective := objectiveOf(s)
	better, _ := experiments.Direction(s.Base, objective)
	info := results.SweepInfo{
		Name: s.Base.Name, Purpose: s.Base.Purpose, File: c.File, Experiment: string(s.Resolved()), Objective: objective, Better: better}
	earlier, err := db.Sweeps(ctx, info.Name)
	if err != nil {
		return nil, time.Time{}, err
	}
	if len(earlier) == 0 || c.Again {
		info.Deadline = deadline(s.Config, w.now())
		q, err := db.BeginSweep(ctx, info, w.now)
		return q, info.Deadline, err
	}
	rec, err := db.LoadSweep(ctx, earlier[0].ID)
	if err != nil {
		return nil, time.Time{}, err
	}
	if err := c.compatible(rec, s); err != nil {
		return nil, time.Time{}, err
	}
	if rec.Status == results.SweepDone && !unfinished(rec, s) {
		path, err := writeSweepReport(ctx, db, rec.ID, c.Reports, true)
		fmt.Fprintf(w.out, "already done: sweep %s has its %d trials; --again begins a new one, --set sweep.trials=N asks for more\nreport   %s\n", rec.ID, trialsOf(rec), path)
		return nil, time.Time{}, err
	}
	info.Deadline = rec.Deadline
	if !rec.Deadline.After(w.now()) || changedTime(rec, info) {
		info.Deadline = deadline(s.Config, w.now())
	}
	q, err := db.TakeSweep(ctx, rec.ID, info, w.now)
	if err == nil {
		fmt.Fprintf(w.err, "goes on with sweep %s: %s\n", rec.ID, countsWords(rec))
	}
	return q, info.Deadline, err
}

// deadline is when a sweep that begins now is over; zero for never.
func deadline(c sweeps.Config, now time.Time) time.Time {
	var out time.Time
	if c.For != nil {
		out = now.Add(*c.For)
	}
	if c.Until != nil {
		local := now.Local()
		at := time.Date(local.Year(), local.Month(), local.Day(), int(*c.Until)/60, int(*c.Until)%60, 0, 0, time.Local)
		if !at.After(now) {
			at = time.Date(local.Year(), local.Month(), local.Day()+1, int(*c.Until)/60, int(*c.Until)%60, 0, 0, time.Local)
		}
		if out.IsZero() || at.Before(out) {
			out = at
		}
	}
	return out
}

// changedTime says whether the file now gives another time.
func changedTime(rec *results.SweepRecord, info results.SweepInfo) bool {
	changes, err := experiments.Diff(asNow(rec), []byte(info.Experiment))
	return err == nil && slices.ContainsFunc(changes, func(c experiments.Change) bool { return c.Path == "sweep.for" || c.Path == "sweep.until" })
}

// unfinished says whether a sweep that came to its end has more to do: more
// trials are declared now, its time was over, or trials wait.
func unfinished(rec *results.SweepRecord, s *experiments.Sweep) bool {
	declared := s.Config.Trials
	if declared == 0 {
		declared = s.Space.Size()
	}
	waiting := slices.ContainsFunc(rec.Trials, func(t *results.Trial) bool { return t.State == results.Queued || t.State == results.TrialRunning })
	return trialsOf(rec) < declared && rec.Because != "all trials are over" || waiting || changedTrials(rec, s)
}

func changedTrials(rec *results.SweepRecord, s *experiments.Sweep) bool {
	changes, err := experiments.Diff(asNow(rec), s.Resolved())
	return err == nil && slices.ContainsFunc(changes, func(c experiments.Change) bool {
		return c.Path == "sweep.trials" || strings.HasPrefix(c.Path, "sweep.space") || c.Path == "sweep.seeds" || c.Path == "sweep.folds"
	})
}

// trialsOf counts the trials that are not added by people.
func trialsOf(rec *results.SweepRecord) int {
	n := 0
	for _, t := range rec.Trials {
		if t.Replicate == 0 && t.Origin != results.Added {
			n++
		}
	}
	return n
}

// limitsOnly are settings that may change from one start to the next.
var limitsOnly = []string{"purpose", "sweep.trials", "sweep.for", "sweep.until", "sweep.limits", "sweep.slurm", "sweep.per_gpu"}

// extends are settings that may change with --extend.
var extends = []string{"sweep.space", "sweep.search", "sweep.stop", "sweep.seeds"}

func among(path string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return path == p || strings.HasPrefix(path, p+".") })
}

// compatible refuses a file that is not that of the sweep, and says what differs.
func (c sweepRun) compatible(rec *results.SweepRecord, s *experiments.Sweep) error {
	changes, err := experiments.Diff(asNow(rec), s.Resolved())
	if err != nil {
		return err
	}
	var refused, extended []experiments.Change
	for _, change := range changes {
		switch {
		case among(change.Path, limitsOnly):
		case among(change.Path, extends):
			extended = append(extended, change)
		default:
			refused = append(refused, change)
		}
	}
	switch {
	case len(refused) > 0:
		return stage.Fault{Err: fmt.Errorf("sweep %s is of another experiment; since then:\n%s", rec.ID, changeLines(append(refused, extended...))),
			Hint: "put that back, give the file another name:, or begin a new sweep with --again"}
	case len(extended) > 0 && !c.Extend:
		return stage.Fault{Err: fmt.Errorf("sweep %s has another space or search; since then:\n%s", rec.ID, changeLines(extended)),
			Hint: "put that back; or go on with --extend, which keeps all trials so far; or begin a new sweep with --again"}
	}
	return c.inside(rec, s)
}

// inside wants all trials so far in the space as it is now.
func (c sweepRun) inside(rec *results.SweepRecord, s *experiments.Sweep) error {
	for _, t := range rec.Trials {
		if t.Origin != results.Searched {
			continue
		}
		if _, err := s.Space.Locate(t.Settings); err != nil {
			return stage.Fault{Err: fmt.Errorf("trial %d of sweep %s lies outside the space: %w", t.Number, rec.ID, err),
				Hint: "a space can only grow: wider ranges, more choices; or begin a new sweep with --again"}
		}
	}
	return nil
}

// asNow is the experiment of a sweep as this program resolves it: settings that an
// older one did not know have their defaults.
func asNow(rec *results.SweepRecord) []byte {
	s, err := experiments.ReadSweep([]byte(rec.Experiment))
	if err != nil {
		return []byte(rec.Experiment)
	}
	return s.Resolved()
}

func changeLines(changes []experiments.Change) string {
	var lines []string
	for _, change := range changes {
		lines = append(lines, "  "+change.Path+": "+change.Words)
	}
	return strings.Join(lines, "\n")
}

// measuredNoise is the spread between seeds that somebody measured on this data;
// 0 where nobody did.
func measuredNoise(ctx context.Context, db *results.DB, data, objective string) float64 {
	series, name, _ := strings.Cut(objective, ".")
	list, err := db.NoiseOf(ctx, data, series, name)
	if err != nil || len(list) == 0 || !(list[0].Deviation > 0) {
		return 0
	}
	return list[0].Deviation
}

var errNoSweeps = errors.New("there are no sweeps yet")
