package audit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/nifti"
	"vertebra/stages/internal/raster"
	"vertebra/stages/stage"
)

// head is what an image file says of itself, without its pixels.
type head struct {
	Size, Time    int64 // bytes; of modification, ns since 1970
	Format        string
	Rows, Columns int
	Frames        int // of the file
	PixelSpacing  []float64
	SliceSpacing  bool // SpacingBetweenSlices is there
	Position      []float64
	Orientation   []float64
	Instance      *int
	PatientID     string
	Said          dicom.Said // what its elements say
	SeriesUID     string
	BurnedIn      bool     // BurnedInAnnotation is YES
	Identifying   []string // names of elements that may tell who the patient is
	Private       int      // private elements
	Turned        bool     // the file says how to turn it
	Paged         bool     // further pages follow the first
	Missing       bool
	Err           string // why the file cannot be used; "" when it can
}

// headers are what the image files say, by path.
type headers map[string]*head

// look finds a file's header in the cache; false when that does not know it, and the
// header has the file's size and time alone.
func (c *fileCache) look(path string) (h *head, known bool) {
	file, _ := stage.ParseFramePath(path)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &head{Missing: true, Err: "the image file is not there"}, true
	case err != nil:
		return &head{Err: err.Error()}, true
	case info.IsDir():
		return &head{Err: path + ": a folder, no image file"}, true
	}
	h = &head{}
	known = h.parse(c.record(path, info), &head{})
	h.Size, h.Time = info.Size(), info.ModTime().UnixNano()
	return h, known
}

// read reads a file's header; it says whether the cache is to remember it.
func (h *head) read(path string) (remember bool) {
	file, frame := stage.ParseFramePath(path)
	f, err := os.Open(file) // once: on a network drive that takes longer than to read
	if err == nil {
		defer f.Close()
		h.Format, err = format(f)
	}
	if err != nil {
		h.Err = err.Error()
		return false // that may pass
	}
	if err = h.readFile(file, f, frame); err != nil {
		h.Err = err.Error()
	}
	return true
}

func (h *head) readFile(path string, f *os.File, frame int) error {
	switch {
	case h.Format == "dicom":
		return h.readDICOM(path, f, frame)
	case h.Format == "nifti":
		return h.readNIfTI(path, f, frame)
	case frame > 0:
		return fmt.Errorf("%s: has no frames, it is neither a DICOM nor a NIfTI file", path)
	}
	return h.readPicture(path)
}

// formatOf tells by content: a name may say anything.
func formatOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return format(f)
}

func format(f *os.File) (string, error) {
	var start [16]byte
	n, err := f.ReadAt(start[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if raster.Is(start[:n]) {
		return "raster", nil
	}
	if nifti.Is(start[:n]) {
		return "nifti", nil
	}
	return "dicom", nil
}

func (h *head) readPicture(path string) error {
	r, err := raster.ReadHeader(path)
	h.Rows, h.Columns, h.Format, h.Turned, h.Paged = r.Height, r.Width, r.Format, r.Orientation > 1, r.Paged
	return err
}

func (h *head) readDICOM(path string, f *os.File, frame int) error {
	d, err := dicom.ReadHeaderOf(path, f, h.Size)
	if err == nil && frame > 0 {
		d, err = d.Slice(frame)
	}
	if err != nil {
		return err
	}
	h.Frames = d.Frames
	h.Rows, h.Columns, h.PixelSpacing = d.Rows, d.Columns, d.PixelSpacing
	h.Position, h.Orientation, h.Instance = d.Position, d.Orientation, d.InstanceNumber
	h.PatientID, h.SeriesUID, h.SliceSpacing, h.Said = d.PatientID, d.SeriesUID, d.SpacingBetween > 0, d.Said
	h.BurnedIn, h.Identifying, h.Private = d.BurnedIn == "YES", d.Identifying, d.Private
	return d.CheckPixels()
}

// readNIfTI takes the slices of a volume for the frames of a file.
func (h *head) readNIfTI(path string, f *os.File, frame int) error {
	v, err := nifti.ReadHeader(f)
	if err == nil {
		err = v.Holds(h.Size, max(frame, 1))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	h.Frames = v.Slices
	v, slice := v.At(frame)
	h.Rows, h.Columns = v.Rows, v.Columns
	h.PixelSpacing, h.Orientation, h.Position = []float64{v.RowSpacing, v.ColumnSpacing}, v.Orientation, v.Position(slice)
	return nil
}

// patients maps each study to its PatientID, the smallest if it has several.
// It is nil when the files tell nothing: no ids, or one for all studies, as some
// ways of taking names away leave behind.
func (h headers) patients(cases []stage.Case) map[string]string {
	out, ids := map[string]string{}, map[string]bool{}
	for _, c := range cases {
		id := h.patient(c)
		if old, known := out[c.Group]; id != "" && (!known || id < old) {
			out[c.Group] = id
		}
	}
	for _, id := range out {
		ids[id] = true
	}
	if len(ids) == 0 || len(ids) == 1 && len(out) > 1 {
		return nil
	}
	return out
}

// patient is the PatientID of a case's image; "" when the file has none.
func (h headers) patient(c stage.Case) string {
	if one := h[c.Image]; one != nil {
		return one.PatientID
	}
	return ""
}
