package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"vertebra/stages/stage"
	"vertebra/stages/unpack"
)

// unpackCommand is runner data unpack.
type unpackCommand struct {
	Data string `arg:"" help:"A file .npz with arrays of images and labels, such as those of MedMNIST, or a folder of files .npy." type:"path"`
	Dir  string `arg:"" help:"Folder to write to: new or empty." type:"path"`
}

// Run writes pictures, and of an archive the table of their labels.
func (c unpackCommand) Run(ctx context.Context, w world) error {
	work := unpack.Archive
	if info, err := os.Stat(c.Data); err == nil && info.IsDir() {
		work = unpack.Volumes
	}
	s, err := work(ctx, c.Data, c.Dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "wrote %d samples to %s\n", s.Samples, w.called(c.Dir))
	if s.Table {
		fmt.Fprintf(w.out, "%s names them, with their split (%s) and %s; next: runner init %s FILE\n", unpack.TableName, strings.Join(s.Splits, ", "), strings.Join(s.Labels, ", "), stage.ShellWord(w.called(c.Dir)))
	}
	return nil
}
