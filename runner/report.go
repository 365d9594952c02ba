package main

import (
	"context"
	"errors"
	"fmt"

	"vertebra/results"
)

// reportCommand is runner report.
type reportCommand struct {
	ID string `arg:"" name:"run" help:"Run: its name (the latest so called), its id, the beginning of one, or latest." default:"latest"`
	places
}

// Run draws the report from the database.
func (c reportCommand) Run(ctx context.Context, w world) (err error) {
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	path, err := writeReport(ctx, db, c.ID, c.Reports)
	if err != nil {
		return err
	}
	fmt.Fprintln(w.out, path)
	return nil
}
