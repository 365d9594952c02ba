package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"vertebra/finished"
	"vertebra/finished/pack"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// exportPackageCommand is runner export package.
type exportPackageCommand struct {
	ID      string `arg:"" name:"run" help:"Finished run, or ensemble: its name (the latest so called), its id, the beginning of one, or latest."`
	File    string `arg:"" help:"File to write: it ends with .zip." type:"path"`
	Runs    string `help:"Folder of checkpoints." default:"runs" type:"path"`
	Threads int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	database
}

// Help says what is in a package.
func (exportPackageCommand) Help() string {
	return `A package holds the nets of all folds, or of all members, the experiment, mean and std,
calibration; and for people a README.md with what the nets were trained on, in counts of
each class, and the final numbers. It has no images, predictions and names of cases,
studies or files. It is used by runner predict FILE.zip, runner show FILE.zip, runner export model FILE.zip, and
model: {backbone: {resnet50: {weights: FILE.zip}}} in an experiment. runner show FILE.zip
--json lists what is in it.`
}

// Run writes the package, and says what is in it and what is not.
func (c exportPackageCommand) Run(ctx context.Context, w world) error {
	c.File = w.called(c.File)
	if err := c.mayWrite(); err != nil {
		return err
	}
	run, err := finished.Store{DB: c.DB, Runs: c.Runs}.Find(ctx, c.ID)
	if err != nil {
		return err
	}
	program, err := programVersion()
	if err != nil {
		return err
	}
	k, err := pack.Pack(ctx, stage.Env{Now: w.now, Threads: c.Threads}, run, program, w.dir)
	if err != nil {
		return err
	}
	sum, err := k.Write(ctx, c.File)
	if err != nil {
		return err
	}
	if k.Lacks != "" {
		fmt.Fprintf(w.out, "lacks    %s\n", k.Lacks)
	}
	return c.tell(w, k.Manifest, sum)
}

// mayWrite refuses a name that would not be taken for a package, and what is there and none.
func (c exportPackageCommand) mayWrite() error {
	if packages.Names(c.ID) {
		return stage.Fault{Err: fmt.Errorf("%s is a package already", c.ID), Hint: "copy the file, or name a run of this database"}
	}
	if !packages.Names(c.File) {
		return stage.Fault{Err: fmt.Errorf("%s does not end with .zip", c.File), Hint: "name it so: by that predict knows that it is a package, and no run"}
	}
	if info, err := os.Stat(c.File); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return stage.Fault{Err: fmt.Errorf("%s is no plain file", c.File), Hint: "name a file"}
	}
	if packages.Is(c.File) {
		return nil
	}
	return mayReplace(c.File, []string{c.DB})
}

// tell says what the package is.
func (c exportPackageCommand) tell(w world, m packages.Manifest, sum string) error {
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	nets := len(m.Nets())
	what := "the net"
	if nets > 1 {
		what = fmt.Sprintf("the %d nets", nets)
	}
	switch {
	case len(m.Members) == 1:
		what += fmt.Sprintf(" of run %s, calibrated as that", m.Members[0].ID)
	case len(m.Members) > 0:
		what = fmt.Sprintf("the blend of %d members, with %d nets,", len(m.Members), nets)
	}
	fmt.Fprintf(w.out, "wrote %s: %s of run %s, %s\n", c.File, what, m.Run.ID, megabytes(info.Size()))
	fmt.Fprintf(w.out, "sha256   %s\n", sum)
	left := "images, predictions, names of cases and studies"
	if len(m.Left) > 0 {
		left += ", and what these settings said: " + strings.Join(m.Left, ", ")
	}
	fmt.Fprintf(w.out, "not      %s\n", left)
	_, err = fmt.Fprintf(w.out, "look     runner show %s prints what it says of itself; name %q and purpose %q are in it as you wrote them\n", c.File, m.Run.Name, m.Run.Purpose)
	return err
}
