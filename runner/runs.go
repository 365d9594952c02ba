package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// runsCommand is runner runs.
type runsCommand struct {
	places
	Name   string `help:"Only runs of this name."`
	Status string `help:"Only runs that are running, done, failed, interrupted or lost." enum:",running,done,failed,interrupted,lost" default:""`
	Limit  int    `help:"Only the latest so many; 0 shows all." default:"20"`
}

// Run lists runs, the latest first, with the numbers most asked for.
func (c runsCommand) Run(ctx context.Context, w world) (err error) {
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	list, err := db.Runs(ctx, results.Filter{Name: c.Name, Status: results.Status(c.Status), Limit: c.Limit})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintf(w.out, "no runs in %s\n", c.DB)
		return nil
	}
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RUN\tSTATUS\tSTARTED\tTIME\tVALIDATION")
	for _, r := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Status, r.Started.Local().Format("2006-01-02 15:04"), r.Duration().Round(time.Second), headline(r))
	}
	return t.Flush()
}

// headline shows the validation numbers in the order in which they were
// measured, as many as fit a line.
func headline(r results.RunSummary) string {
	if r.FailureMessage != "" && len(r.Finals) == 0 {
		return r.FailureMessage
	}
	text, n := "", 0
	for _, s := range r.Finals {
		if s.Series == string(stage.Validation) && n < 5 {
			text += fmt.Sprintf("%s %.4g  ", s.Name, s.Value)
			n++
		}
	}
	return text
}
