// Package headers reads what image files say of themselves, without their pixels: DICOM, NIfTI
// and pictures alike. A data set has many files, so what was read is kept in the cache folder,
// and all workers read.
package headers

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/filecache"
	"vertebra/stages/internal/nifti"
	"vertebra/stages/internal/raster"
	"vertebra/stages/stage"
)

// Header is what an image file says of itself, without its pixels.
type Header struct {
	Size, Time    int64  // bytes; of modification, ns since 1970
	Format        string // "dicom", "nifti", or that of a picture, such as "png"
	Rows, Columns int
	Frames        int       // of the file
	PixelSpacing  []float64 // mm, between rows and between columns; nil where it is not said
	AtDetector    bool      // it is that of a detector or of a scanned film
	SliceSpacing  bool      // SpacingBetweenSlices is there
	Position      []float64 // mm, of the first pixel in the patient; nil where it is not said
	Orientation   []float64 // directions of a row and of a column; nil where it is not said
	Instance      *int      // InstanceNumber; nil where it is not said
	PatientID     string
	Said          dicom.Said // what its elements say
	SeriesUID     string
	BurnedIn      bool     // BurnedInAnnotation is YES
	Identifying   []string // names of elements that may tell who the patient is
	Private       int      // private elements
	Coloured      bool     // it holds colours, not grey alone
	Bytes         bool     // its values are of 8 bits
	Turned        bool     // the file says how to turn it
	Paged         bool     // further pages follow the first
	Missing       bool     // the file is not there
	Err           string   // why the file cannot be used; "" when it can
}

// Read is what a file, or a frame of one, says of itself; Err tells where that is nothing.
func Read(path string) *Header {
	h := &Header{}
	file, _ := stage.ParseFramePath(path)
	if info, err := os.Stat(file); err == nil {
		h.Size, h.Time = info.Size(), info.ModTime().UnixNano()
	}
	h.read(path)
	return h
}

// remembered finds a file's header in the cache; false when that does not know it, and the
// header has the file's size and time alone.
func remembered(c *filecache.Cache, path string) (h *Header, known bool) {
	file, _ := stage.ParseFramePath(path)
	info, err := os.Stat(file)
	switch {
	case !utf8.ValidString(path): // neither the cache nor results could tell it from others
		return &Header{Err: strings.ToValidUTF8(path, "\ufffd") + ": its name is no UTF-8 text; give it another"}, true
	case errors.Is(err, fs.ErrNotExist):
		return &Header{Missing: true, Err: "the image file is not there"}, true
	case err != nil:
		return &Header{Err: err.Error()}, true
	case info.IsDir():
		return &Header{Err: path + ": a folder, no image file"}, true
	}
	h = &Header{}
	known = h.parse(c.Record(path, info), &Header{})
	h.Size, h.Time = info.Size(), info.ModTime().UnixNano()
	return h, known
}

// read reads a file's header; it says whether the cache is to remember it.
func (h *Header) read(path string) (remember bool) {
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

func (h *Header) readFile(path string, f *os.File, frame int) error {
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

// Format is "raster" of pictures, "nifti", or else "dicom"; it tells by content: a name may say anything.
func Format(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return format(f)
}

func format(f *os.File) (string, error) {
	var start [132]byte
	n, err := f.ReadAt(start[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	switch {
	case dicom.Is(start[:n]): // first: what stands before that mark may look like any other format
		return "dicom", nil
	case raster.Is(start[:n]):
		return "raster", nil
	case nifti.Is(start[:n]):
		return "nifti", nil
	}
	return "dicom", nil
}

func (h *Header) readPicture(path string) error {
	r, err := raster.ReadHeader(path)
	h.Rows, h.Columns, h.Format, h.Turned, h.Paged = r.Height, r.Width, r.Format, r.Orientation > 1, r.Paged
	h.Coloured, h.Bytes = r.Channels == 3, r.Bits == 8
	return err
}

func (h *Header) readDICOM(path string, f *os.File, frame int) error {
	d, err := dicom.ReadHeaderOf(path, f, h.Size)
	if err == nil && frame > 0 {
		d, err = d.Slice(frame)
	}
	if err != nil {
		return err
	}
	h.Frames = d.Frames
	h.Rows, h.Columns, h.PixelSpacing, h.AtDetector = d.Rows, d.Columns, d.PixelSpacing, d.AtDetector
	h.Position, h.Orientation, h.Instance = d.Position, d.Orientation, d.InstanceNumber
	h.PatientID, h.SeriesUID, h.SliceSpacing, h.Said = d.PatientID, d.SeriesUID, d.SpacingBetween > 0, d.Said
	h.Coloured, h.Bytes = d.Coloured(), d.BitsAllocated == 8 && d.Photometric != "PALETTE COLOR" // whose entries may have 16
	h.BurnedIn, h.Identifying, h.Private = d.BurnedIn == "YES", d.Identifying, d.Private
	return d.CheckPixels()
}

// readNIfTI takes the slices of a volume for the frames of a file.
func (h *Header) readNIfTI(path string, f *os.File, frame int) error {
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

// OneSeries says whether the first and the last of some files are of one series, which their
// headers name.
func OneSeries(images []string) bool {
	if len(images) == 0 {
		return false
	}
	first, last := Read(images[0]).SeriesUID, Read(images[len(images)-1]).SeriesUID
	return first != "" && first == last
}
