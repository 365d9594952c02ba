package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/sweeps"
)

// sweepPlan says what a sweep would do.
type sweepPlan struct {
	Search string         `json:"search"`
	Stop   string         `json:"stop"`
	Trials int            `json:"trials"`           // the baseline among them
	Runs   int            `json:"runs"`             // trials by seeds and folds
	Nested bool           `json:"nested,omitempty"` // each fold chooses a trial of its own, too
	Space  []sweepSetting `json:"space"`
	// Rungs are the epochs after which trials may end early.
	Rungs []int `json:"rungs,omitempty"`
	// Epochs are those of all runs, and Expected those that are left of them where
	// trials end early.
	Epochs   int     `json:"epochs"`
	Expected float64 `json:"expected_epochs"`
	// Estimate is the time of all runs one after the other, by what an earlier run
	// of this name took, and Likely that of the expected epochs. Where there is no
	// such run, Foreseen says that both are by the speed of another one; 0 without any.
	Estimate float64 `json:"estimate_seconds,omitempty"`
	Likely   float64 `json:"expected_seconds,omitempty"`
	Measured string  `json:"measured_run,omitempty"`
	Foreseen bool    `json:"by_speed_alone,omitempty"`
	// Limit is how long the sweep may take by sweep.for; 0 for any time.
	Limit float64 `json:"limit_seconds,omitempty"`
}

// sweepSetting is one line of the space.
type sweepSetting struct {
	Path   string `json:"path"`
	Values string `json:"values"`
	When   string `json:"when,omitempty"`
}

// planSweep makes the plan; nil for an experiment without a sweep.
func planSweep(ctx context.Context, db string, e experiments.Experiment) (*sweepPlan, error) {
	if e.Sweep == nil {
		return nil, nil
	}
	c := *e.Sweep
	space, _ := sweeps.NewSpace(c.Space)
	p := &sweepPlan{Search: c.Search.Name, Stop: c.Stop.Name, Nested: c.Nested, Trials: c.Trials, Rungs: c.Stop.Part.Asks(epochsOf(e))}
	if p.Trials == 0 {
		p.Trials = space.Size()
	}
	p.Runs = p.Trials * c.Replicates(e.Data.Split.Folds)
	for _, s := range space.Params {
		p.Space = append(p.Space, sweepSetting{s.Path, s.Words(), s.Conditions()})
	}
	took, id, err := lastDuration(ctx, db, e.Name)
	p.Estimate, p.Measured = took.Seconds()*float64(p.Runs), id
	p.expect(c, epochsOf(e))
	return p, err
}

// expect foresees what early stopping leaves. Further seeds and folds are run of
// trials alone that were trained to the end.
func (p *sweepPlan) expect(c sweeps.Config, epochs int) {
	further := float64(p.Runs/max(1, p.Trials) - 1)
	expected := sweeps.Expect(c.Stop.Part, p.Trials, epochs, c.Baseline)
	p.Epochs, p.Expected = p.Runs*epochs, expected.Epochs+expected.Whole*further*float64(epochs)
	if p.Epochs > 0 {
		p.Likely = p.Estimate * p.Expected / float64(p.Epochs)
	}
	if c.For != nil {
		p.Limit = c.For.Seconds()
	}
}

// follow takes the time of a trial from the speed of other runs where no run of this name
// has ended.
func (p *sweepPlan) follow(t *timePlan) {
	if p == nil || t == nil || p.Measured != "" {
		return
	}
	p.Foreseen, p.Measured = true, t.measured()
	p.Estimate = t.Seconds * float64(p.Runs)
	p.Likely = p.Estimate * p.Expected / float64(max(1, p.Epochs))
}

// epochsOf are the most epochs of a run.
func epochsOf(e experiments.Experiment) int {
	n := 0
	for _, p := range e.Train.Phases {
		n += p.Epochs
	}
	return n
}

// lastDuration is what the latest finished run of a name took.
func lastDuration(ctx context.Context, path, name string) (took time.Duration, id string, err error) {
	if _, err := os.Stat(path); err != nil {
		return 0, "", nil
	}
	db, err := results.Open(ctx, path)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	runs, err := db.Runs(ctx, results.Filter{Name: name, Status: results.Done, Limit: 1})
	if err != nil || len(runs) == 0 {
		return 0, "", err
	}
	return runs[0].Duration(), runs[0].ID, nil
}

func printSweep(out io.Writer, p *sweepPlan) error {
	if p == nil {
		return nil
	}
	fmt.Fprintf(out, "\nsweep   %d trials by %s", p.Trials, p.Search)
	if p.Runs != p.Trials {
		fmt.Fprintf(out, ", %d runs", p.Runs)
	}
	if p.Stop != "none" {
		fmt.Fprintf(out, ", stopped by %s", p.Stop)
	}
	if len(p.Rungs) > 0 && len(p.Rungs) <= 12 {
		fmt.Fprintf(out, " after epochs %s", strings.Trim(fmt.Sprint(p.Rungs), "[]"))
	}
	fmt.Fprintln(out)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range p.Space {
		when := s.When
		if when != "" {
			when = "\twhen " + when
		}
		fmt.Fprintf(t, "        %s\t%s%s\n", s.Path, s.Values, when)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if p.Nested {
		fmt.Fprintln(out, "nested  each fold chooses a trial by its own validation number, and tests it: what the search is worth")
	}
	_, err := fmt.Fprintf(out, "time    %s\n", p.time())
	return err
}

// time says how long the trials take, one after the other.
func (p *sweepPlan) time() string {
	span := func(seconds float64) string {
		return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
	}
	share := ""
	if p.Expected < float64(p.Epochs) {
		share = fmt.Sprintf("; %s is expected to leave %.0f of %d epochs", p.Stop, p.Expected, p.Epochs)
	}
	limit := ""
	if p.Limit > 0 {
		limit = "; sweep.for ends it after " + span(p.Limit)
	}
	switch {
	case p.Measured == "":
		return "unknown: no run of this name has ended yet" + share + limit
	case p.Foreseen:
		return fmt.Sprintf("about %s of training, one trial after the other, at the speed of run %s%s%s", span(p.Likely), p.Measured, share, limit)
	case share != "":
		return fmt.Sprintf("about %s, at most %s, one trial after the other, by run %s%s%s", span(p.Likely), span(p.Estimate), p.Measured, share, limit)
	}
	return fmt.Sprintf("%s, one trial after the other, as long as run %s each%s", span(p.Estimate), p.Measured, limit)
}
