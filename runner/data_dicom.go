package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"vertebra/stages/index"
	"vertebra/stages/stage"
)

// dicomCommand is runner data dicom.
type dicomCommand struct {
	Folder  string `arg:"" help:"Folder of DICOM files, as an archive exports them: their names say nothing." type:"path"`
	File    string `arg:"" help:"CSV file to write; it must not be there yet." type:"path"`
	Workers int    `help:"Files read at once." default:"${workers}"`
}

// Run writes what the headers of the files say. It reads no pixels.
func (c dicomCommand) Run(ctx context.Context, w world) error {
	env := stage.Env{Now: w.now, Recorder: stage.Discard, Workers: max(1, c.Workers)}
	rows, others, err := index.DICOM(ctx, env, c.Folder, filepath.Dir(c.File))
	if err == nil && len(rows) == 0 {
		err = stage.Fault{Err: fmt.Errorf("there is no DICOM file with an image in %s; %d files are none", w.called(c.Folder), others), Hint: "name the folder that an archive exported to"}
	}
	if err != nil {
		return err
	}
	patients, series := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		patients[row[1]], series[row[3]] = true, true
	}
	if err := writeNew(c.File, writeRows(index.Columns, rows)); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "wrote %s: %d images of %d series of %d patients; %d other files\n", w.called(c.File), len(rows), len(series), len(patients), others)
	fmt.Fprintf(w.out, "labels go into a table beside it, with PatientID, AccessionNumber or SeriesInstanceUID; next: runner init %s FILE\n", stage.ShellWord(w.called(c.File)))
	return nil
}

func writeRows(columns []string, rows [][]string) func(io.Writer) error {
	return func(to io.Writer) error {
		out := csv.NewWriter(to)
		return errors.Join(out.Write(columns), out.WriteAll(rows))
	}
}
