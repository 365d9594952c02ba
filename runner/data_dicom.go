package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

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
		err = stage.Fault{Err: fmt.Errorf("there is no DICOM file with an image in %s%s", w.called(c.Folder), leftOut(others)), Hint: "name the folder that an archive exported to"}
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
	fmt.Fprintf(w.out, "wrote %s: %d images of %d series of %d patients%s\n", w.called(c.File), len(rows), len(series), len(patients), leftOut(others))
	fmt.Fprintf(w.out, "labels go into a table beside it, with PatientID, AccessionNumber or SeriesInstanceUID; next: runner init %s FILE\n", stage.ShellWord(w.called(c.File)))
	return nil
}

// leftOut says which files are no images, and why.
func leftOut(o index.Others) string {
	n := o.Count()
	if n == 0 {
		return "; 0 other files"
	}
	text := fmt.Sprintf("; %d other %s", n, map[bool]string{true: "file", false: "files"}[n == 1])
	if o.Foreign > 0 {
		text += fmt.Sprintf("\n  %d not of DICOM", o.Foreign)
	}
	if len(o.Imageless) > 0 {
		var kinds []string
		for _, modality := range slices.Sorted(maps.Keys(o.Imageless)) {
			kinds = append(kinds, fmt.Sprintf("%d %s", o.Imageless[modality], cmp.Or(modality, "of no modality")))
		}
		text += "\n  without an image, by modality: " + strings.Join(kinds, ", ")
	}
	const most = 5
	for i, err := range o.Broken {
		if i == most {
			return text + fmt.Sprintf("\n  and %d more that cannot be read", len(o.Broken)-most)
		}
		text += fmt.Sprintf("\n  cannot be read: %v", err)
	}
	return text
}

func writeRows(columns []string, rows [][]string) func(io.Writer) error {
	return func(to io.Writer) error {
		out := csv.NewWriter(to)
		return errors.Join(out.Write(columns), out.WriteAll(rows))
	}
}
