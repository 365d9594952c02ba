package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/index"
	"vertebra/stages/stage"
)

// bidsCommand is runner data bids.
type bidsCommand struct {
	Folder string `arg:"" help:"Folder of a BIDS data set, with participants.tsv and the folders sub-…" type:"path"`
	File   string `arg:"" help:"CSV file to write; it must not be there yet." type:"path"`
}

// Run writes what names of files and the tables of participants and sessions say.
func (c bidsCommand) Run(ctx context.Context, w world) error {
	columns, rows, err := index.BIDS(ctx, c.Folder, filepath.Dir(c.File))
	if err != nil {
		return err
	}
	if err := writeNew(c.File, writeRows(columns, rows)); err != nil {
		return err
	}
	people, kinds := map[string]bool{}, map[string]int{}
	for _, row := range rows {
		people[row[1]] = true
		kinds[row[4]]++
	}
	var said []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		said = append(said, fmt.Sprintf("%d %s", kinds[kind], kind))
	}
	fmt.Fprintf(w.out, "wrote %s: %d images of %d participants (%s), with %s\n", w.called(c.File), len(rows), len(people), strings.Join(said, ", "), strings.Join(columns, ", "))
	fmt.Fprintf(w.out, "next: runner init %s FILE\n", stage.ShellWord(w.called(c.File)))
	return nil
}
