package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// runsCommand is runner runs.
type runsCommand struct {
	List    runsListCommand    `cmd:"" default:"withargs" help:"List stored runs (the default)." example:"runner runs status=done 'f1>0.7' --sort=-f1"`
	Tag     runsTagCommand     `cmd:"" help:"Add tags to a run, or remove them." example:"runner runs tag latest paper"`
	Note    runsNoteCommand    `cmd:"" help:"Write a note to a run." example:"runner runs note latest 'the one of table 2'"`
	Archive runsArchiveCommand `cmd:"" help:"Put runs away from lists; nothing of them is deleted." example:"runner runs archive latest"`
	Delete  runsDeleteCommand  `cmd:"" help:"Delete runs with their checkpoints and reports." example:"runner runs delete 2026-11-24-demo --yes"`
}

// database is where results are.
type database struct {
	DB string `help:"Database of results." default:"results.db" type:"path"`
}

// use opens the database for f.
func (d database) use(ctx context.Context, f func(*results.DB) error) (err error) {
	db, err := results.OpenExisting(ctx, d.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return f(db)
}

// load reads a run, whose id is given as everywhere.
func (d database) load(ctx context.Context, id string) (*results.RunRecord, error) {
	return results.LoadFrom(ctx, d.DB, id)
}

// runsListCommand is runner runs list.
type runsListCommand struct {
	Where  []string `arg:"" optional:"" help:"Conditions that runs meet, such as status=done 'f1>0.7' model=resnet50 tag=paper. Operators: = != < <= > >= and ~ for contains. Left of it: a word of the run (id, name, status, tag, note, seed, started, seconds), a final number (of the validation split; test.f1 for another) or a setting (train.batch, or its last words)."`
	Name   string   `help:"Only runs of this name."`
	Status string   `help:"Only runs that are running, done, failed, interrupted or lost." enum:",running,done,failed,interrupted,lost" default:""`
	Sort   string   `help:"Sort by what a condition may ask for; with a minus the highest first: --sort=-f1." placeholder:"KEY"`
	All    bool     `help:"Show archived runs too."`
	Trials bool     `help:"Show the runs of sweeps too, as conditions and --sort do."`
	JSON   bool     `help:"Write JSON."`
	Limit  int      `help:"Only the first so many; 0 shows all." default:"20"`
	database
}

func (c runsListCommand) filter() (results.Filter, error) {
	f := results.Filter{Name: c.Name, Status: results.Status(c.Status), Limit: c.Limit, HideArchived: !c.All}
	for _, text := range c.Where {
		condition, err := results.ParseCondition(text)
		if err != nil {
			return f, err
		}
		f.Where = append(f.Where, condition)
		f.HideArchived = f.HideArchived && condition.Key != "archived"
	}
	f.Sort, f.Descending = strings.CutPrefix(c.Sort, "-")
	f.HideTrials = !c.Trials && len(c.Where) == 0 && c.Name+c.Status+c.Sort == "" && !c.JSON
	return f, nil
}

// Run lists runs, with the numbers most asked for.
func (c runsListCommand) Run(ctx context.Context, w world) (err error) {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	return c.use(ctx, func(db *results.DB) error {
		list, err := db.Runs(ctx, filter)
		switch {
		case err != nil:
			return err
		case c.JSON:
			return writeRunsJSON(w, list)
		case len(list) == 0:
			fmt.Fprintf(w.out, "no such runs in %s\n", c.DB)
			return c.tellHidden(ctx, w, db, filter, 0)
		}
		t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "RUN\tSTATUS\tSTARTED\tTIME\tVALIDATION\tTAGS AND NOTE")
		for _, r := range list {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.StatusWords(), r.Started.Local().Format("2006-01-02 15:04"),
				r.Duration().Round(time.Second), headline(r), strings.Join(r.Labels(), " "))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		return c.tellHidden(ctx, w, db, filter, len(list))
	})
}

// tellHidden says what a list leaves out: the runs of sweeps, and what its limit cuts
// off.
func (c runsListCommand) tellHidden(ctx context.Context, w world, db *results.DB, filter results.Filter, listed int) error {
	if c.Limit > 0 && listed == c.Limit {
		fmt.Fprintf(w.out, "the first %d are listed; --limit 0 lists all\n", listed)
	}
	if !filter.HideTrials {
		return nil
	}
	n, err := db.TrialRuns(ctx)
	if n > 0 {
		fmt.Fprintf(w.out, "runs of sweeps are not listed, %d in all: --trials lists them, runner sweep status SWEEP those of one\n", n)
	}
	return err
}

// headline shows the validation numbers, as many as fit a line; those of the test split where there
// are no others.
func headline(r results.RunSummary) string {
	if r.StatusWords() != string(r.Status) {
		return r.Trial.Because()
	}
	if r.FailureMessage != "" && len(r.Finals) == 0 {
		return stage.Clip(strings.Join(strings.Fields(r.FailureMessage), " "), 100)
	}
	if text := firstNumbers(r, stage.Validation); text != "" {
		return text
	}
	if text := firstNumbers(r, stage.Test); text != "" { // such as those of other data
		return "test: " + text
	}
	return ""
}

func firstNumbers(r results.RunSummary, of stage.Split) (text string) {
	n := 0
	for _, s := range r.WatchedFirst() {
		if s.Series == string(of) && n < 5 && measured(s) {
			text += fmt.Sprintf("%s %.4f  ", s.Name, s.Value)
			n++
		}
	}
	return text
}

// runLine is a run in JSON.
type runLine struct {
	ID, Name, Purpose, Status string
	Started                   time.Time
	Seconds                   float64
	Failure                   string `json:",omitempty"`
	Sweep                     string `json:",omitempty"` // it is a trial of
	Trial                     *int   `json:",omitempty"`
	Ended                     string `json:",omitempty"` // by its sweep: "stopped early by asha"
	Seed                      uint64
	Fingerprint               string
	Tags                      []string
	Note                      string              `json:",omitempty"`
	Archived                  bool                `json:",omitempty"`
	Finals                    map[string]*float64 // by series.name; null is NaN or infinite
}

func writeRunsJSON(w world, list []results.RunSummary) error {
	lines := []runLine{}
	for _, r := range list {
		line := runLine{ID: r.ID, Name: r.Name, Purpose: r.Purpose, Status: string(r.Status), Started: r.Started, Seconds: r.Duration().Seconds(),
			Failure: r.FailureMessage, Seed: r.Seed, Fingerprint: r.Fingerprint, Tags: r.Tags, Note: r.Note, Archived: !r.Archived.IsZero(),
			Finals: map[string]*float64{}}
		if r.Trial.Sweep != "" {
			line.Sweep, line.Trial = r.Trial.Sweep, &r.Trial.Number
		}
		if words := r.StatusWords(); words != line.Status {
			line.Ended = words
		}
		for _, s := range r.Finals {
			value := &s.Value
			if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
				value = nil
			}
			line.Finals[s.Series+"."+s.Name] = value
		}
		lines = append(lines, line)
	}
	encoder := json.NewEncoder(w.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(lines)
}
