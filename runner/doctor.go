package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"vertebra/stages/doctor"
	"vertebra/stages/stage"
)

// doctorCommand is runner doctor.
type doctorCommand struct {
	Device  string `help:"What to look at: auto, cpu, cuda, cuda:<index>." default:"auto"`
	Threads int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
}

// Run prints what the machine is, and fails where it should not be trained on.
func (c doctorCommand) Run(ctx context.Context, w world) error {
	findings, err := doctor.Examine(ctx, stage.Env{Now: w.now, Device: c.Device, Threads: c.Threads})
	sick := false
	table := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		sick = sick || f.Wrong
		fmt.Fprintf(table, "%s\t%s\n", f.Name, f.Text)
	}
	if err := errors.Join(err, table.Flush()); err != nil {
		return err
	}
	if sick {
		return errors.New("the machine is not fit for training; see above")
	}
	fmt.Fprintln(w.out, "all is well")
	return nil
}
