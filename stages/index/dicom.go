// Package index makes tables of data sets that have none: of an archive's DICOM files by what their
// headers say, of a BIDS folder by the names of its files and the tables that lie in it.
package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/parallel"
	"vertebra/stages/stage"
)

// Columns are those of the table that DICOM makes, by the keywords of DICOM.
var Columns = []string{"path", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "AccessionNumber", "Modality", "SeriesDescription", "ViewPosition", "InstanceNumber", "Rows", "Columns", "NumberOfFrames"}

// Others are the files that no row is made of.
type Others struct {
	Foreign   int            // of other formats
	Imageless map[string]int // of DICOM without an image, by their Modality: reports, plans, curves
	Broken    []error        // images that cannot be read, sorted by path
}

// Count says how many there are.
func (o Others) Count() int {
	n := o.Foreign + len(o.Broken)
	for _, files := range o.Imageless {
		n += files
	}
	return n
}

func (o *Others) add(err error) {
	var none dicom.NoImage
	switch {
	case errors.Is(err, dicom.ErrNotDICOM):
		o.Foreign++
	case errors.As(err, &none):
		o.Imageless[none.Modality]++
	default:
		o.Broken = append(o.Broken, err)
	}
}

// DICOM makes a row of each DICOM file with an image below a folder, whatever it is called,
// sorted by path; paths are below from. It says which files are none.
func DICOM(ctx context.Context, env stage.Env, folder, from string) (rows [][]string, others Others, err error) {
	others.Imageless = map[string]int{}
	var paths []string
	inside := folder + string(filepath.Separator) // also where it is a link
	err = filepath.WalkDir(inside, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return stage.Fault{Err: files.NotThere(filepath.Clean(path), err), Hint: "name a folder of DICOM files, all of which may be read"}
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
		return nil, others, err
	}
	found, faults := make([][]string, len(paths)), make([]error, len(paths))
	err = parallel.Each(ctx, env, stage.Progress{Stage: "audit", Label: "headers", Total: len(paths), Unit: "files"}, func(i int) { found[i], faults[i] = indexed(paths[i], from) })
	for i, row := range found {
		if faults[i] != nil {
			others.add(faults[i])
		} else if row != nil { // read before ctx ended
			rows = append(rows, row)
		}
	}
	return rows, others, err
}

// indexed is the row of a file.
func indexed(path, from string) ([]string, error) {
	h, err := dicom.ReadHeader(path)
	if err == nil && h.SeriesUID == "" {
		err = fmt.Errorf("%s: SeriesInstanceUID is missing: nothing tells which slices it belongs to", path)
	}
	if err != nil {
		return nil, err
	}
	name := path
	if near, err := filepath.Rel(from, path); err == nil {
		name = filepath.ToSlash(near)
	}
	instance := ""
	if h.InstanceNumber != nil {
		instance = strconv.Itoa(*h.InstanceNumber)
	}
	return []string{name, h.PatientID, h.StudyUID, h.SeriesUID, h.Accession, h.ModalityName, h.SeriesDescription, h.View, instance, strconv.Itoa(h.Rows), strconv.Itoa(h.Columns), strconv.Itoa(h.Frames)}, nil
}
