// Package index makes tables of data sets that have none: of an archive's DICOM files by what their
// headers say, of a BIDS folder by the names of its files and the tables that lie in it.
package index

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/parallel"
	"vertebra/stages/stage"
)

// Columns are those of the table that DICOM makes, by the keywords of DICOM.
var Columns = []string{"path", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "AccessionNumber", "Modality", "SeriesDescription", "ViewPosition", "InstanceNumber", "Rows", "Columns", "NumberOfFrames"}

// DICOM makes a row of each DICOM file with an image below a folder, whatever it is called,
// sorted by path; paths are below from. It counts the files that are none.
func DICOM(ctx context.Context, env stage.Env, folder, from string) (rows [][]string, others int, err error) {
	var paths []string
	inside := folder + string(filepath.Separator) // also where it is a link
	err = filepath.WalkDir(inside, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return stage.Fault{Err: files.NotThere(folder, err), Hint: "name a folder of DICOM files"}
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case path != inside && e.IsDir() && files.Hidden(e):
			return filepath.SkipDir
		case !e.IsDir() && !files.Hidden(e):
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	found := make([][]string, len(paths))
	err = parallel.Each(ctx, env, stage.Progress{Stage: "audit", Label: "headers", Total: len(paths), Unit: "files"}, func(i int) { found[i] = indexed(paths[i], from) })
	rows = slices.DeleteFunc(found, func(row []string) bool { return row == nil })
	return rows, len(paths) - len(rows), err
}

// indexed is the row of a file; nil where it is no image of a series, as a DICOMDIR is none.
func indexed(path, from string) []string {
	h, err := dicom.ReadHeader(path)
	if err != nil || h.SeriesUID == "" || h.Rows == 0 {
		return nil
	}
	name := path
	if near, err := filepath.Rel(from, path); err == nil {
		name = filepath.ToSlash(near)
	}
	instance := ""
	if h.InstanceNumber != nil {
		instance = strconv.Itoa(*h.InstanceNumber)
	}
	return []string{name, h.PatientID, h.StudyUID, h.SeriesUID, h.Accession, h.ModalityName, h.SeriesDescription, h.View, instance, strconv.Itoa(h.Rows), strconv.Itoa(h.Columns), strconv.Itoa(h.Frames)}
}
