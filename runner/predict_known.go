package main

import (
	"context"
	"fmt"
	"slices"

	"vertebra/finished"
	"vertebra/stages/audit"
)

// tellKnown warns that numbers are too good where the nets, or their calibration, know the cases.
// A run predicts its own data as well as others: nothing is refused.
func (c predictCommand) tellKnown(ctx context.Context, w world, to *console, o finished.Opened, cases audit.Cases) error {
	v := validation{run: o.Run, validateCommand: validateCommand{Split: c.Split, otherData: otherData{
		ID: c.ID, File: c.Data[0], Set: c.Set, Workers: c.Workers, places: places{DB: c.DB, Runs: c.Runs, Cache: c.Cache},
	}}}
	of, err := v.origins(ctx)
	if err != nil {
		return err
	}
	first, err := v.first(ctx) // of an ensemble: how the data are read is its members' matter
	if err != nil {
		return err
	}
	if c.FindPoints { // other points make them other data
		asked := c.request()
		asked.Marked = true
		if cases, err = asked.Labelled(ctx, v.quiet(w), first); err != nil {
			return err
		}
	}
	var told []string
	for _, run := range of {
		text, trainedOn := v.known(ctx, w, first, cases, run)
		if trainedOn {
			text = fmt.Sprintf("%s names the data that run %s was trained on: the numbers are too good", w.called(v.File), run.ID())
		}
		if text != "" && !slices.Contains(told, text) {
			told = append(told, text)
			to.warn("%s", text)
		}
	}
	return nil
}
