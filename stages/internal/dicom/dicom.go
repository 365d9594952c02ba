// Package dicom reads single-frame grey DICOM images as numbers with a meaning,
// and orders the slices of a series by where they lie in the patient. It looks for the few elements that are needed itself, never trusting a length,
// and leaves their values to github.com/suyashkumar/dicom.
package dicom

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// Header is what the runner needs of a file's elements. A slice is nil where
// the file does not have the element, or leaves it empty.
type Header struct {
	TransferSyntax      string // its UID
	Rows, Columns       int
	BitsAllocated       int  // 8 or 16
	BitsStored          int  // 1 to BitsAllocated
	HighBit             int  // the highest stored bit; BitsStored−1 when absent
	Signed              bool // PixelRepresentation 1; false when absent
	Samples             int  // SamplesPerPixel; 1 when absent
	Frames              int  // NumberOfFrames; 1 when absent
	Photometric         string
	Slope, Intercept    float64   // modality value = stored·Slope + Intercept; 1 and 0 when absent
	PixelSpacing        []float64 // mm between rows, mm between columns
	Position            []float64 // ImagePositionPatient: x, y, z of the first pixel, mm
	Orientation         []float64 // ImageOrientationPatient: six direction cosines
	WindowCenter, Width []float64 // may hold several windows
	InstanceNumber      *int      // nil when absent
	PatientID           string
	StudyUID, SeriesUID string
	FileSize            int64 // bytes

	path   string
	pixels place
}

// ReadHeader reads a file's elements up to the pixels. A header whose pixels
// cannot be used is no error here: see Header.CheckPixels.
func ReadHeader(path string) (Header, error) {
	f, size, err := open(path)
	if err != nil {
		return Header{}, err
	}
	defer f.Close()
	return readHeader(path, f, size)
}

func open(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s: a folder, no DICOM file", path)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func readHeader(path string, f io.ReaderAt, size int64) (Header, error) {
	found, err := scan(f, size)
	if err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, err)
	}
	t, err := parse(found)
	if err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, err)
	}
	h := t.header()
	h.path, h.pixels, h.FileSize, h.TransferSyntax = path, found.pixels, size, found.syntax
	if t.err == nil {
		t.err = h.check()
	}
	if t.err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, t.err)
	}
	return h, nil
}

func (t *tags) header() Header {
	h := Header{
		Rows: t.whole(tag.Rows), Columns: t.whole(tag.Columns),
		BitsAllocated: t.whole(tag.BitsAllocated), BitsStored: t.whole(tag.BitsStored),
		Signed:  t.wholeOr(tag.PixelRepresentation, 0) == 1,
		Samples: t.wholeOr(tag.SamplesPerPixel, 1), Frames: t.wholeOr(tag.NumberOfFrames, 1),
		Photometric: t.text(tag.PhotometricInterpretation), PatientID: t.text(tag.PatientID),
		StudyUID: t.text(tag.StudyInstanceUID), SeriesUID: t.text(tag.SeriesInstanceUID),
		Slope: 1, Intercept: 0,
		PixelSpacing: t.numbers(tag.PixelSpacing),
		Position:     t.numbers(tag.ImagePositionPatient), Orientation: t.numbers(tag.ImageOrientationPatient),
		WindowCenter: t.numbers(tag.WindowCenter), Width: t.numbers(tag.WindowWidth),
	}
	h.HighBit = t.wholeOr(tag.HighBit, h.BitsStored-1)
	if v := t.numbers(tag.RescaleSlope); v != nil {
		h.Slope = v[0]
	}
	if v := t.numbers(tag.RescaleIntercept); v != nil {
		h.Intercept = v[0]
	}
	if t.has(tag.InstanceNumber) {
		n := t.whole(tag.InstanceNumber)
		h.InstanceNumber = &n
	}
	return h
}

// check refuses what cannot be an image of one grey frame.
func (h Header) check() error {
	switch {
	case h.Rows < 1 || h.Rows > 65535:
		return fmt.Errorf("%s is %d; want 1 to 65535", name(tag.Rows), h.Rows)
	case h.Columns < 1 || h.Columns > 65535:
		return fmt.Errorf("%s is %d; want 1 to 65535", name(tag.Columns), h.Columns)
	case h.BitsAllocated != 8 && h.BitsAllocated != 16:
		return fmt.Errorf("%s is %d; 8 and 16 are read", name(tag.BitsAllocated), h.BitsAllocated)
	case h.BitsStored < 1 || h.BitsStored > h.BitsAllocated:
		return fmt.Errorf("%s is %d, with BitsAllocated %d", name(tag.BitsStored), h.BitsStored, h.BitsAllocated)
	case h.HighBit < h.BitsStored-1 || h.HighBit >= h.BitsAllocated:
		return fmt.Errorf("%s is %d, with BitsStored %d and BitsAllocated %d", name(tag.HighBit), h.HighBit, h.BitsStored, h.BitsAllocated)
	case h.Samples != 1:
		return fmt.Errorf("%s is %d; grey images with 1 are read", name(tag.SamplesPerPixel), h.Samples)
	case h.Photometric != "MONOCHROME1" && h.Photometric != "MONOCHROME2":
		return fmt.Errorf("%s is %q; MONOCHROME1 and MONOCHROME2 are read", name(tag.PhotometricInterpretation), h.Photometric)
	case h.Frames != 1:
		return fmt.Errorf("%s is %d; single frames are read", name(tag.NumberOfFrames), h.Frames)
	case h.Slope == 0:
		return fmt.Errorf("%s is 0: every pixel would be the same", name(tag.RescaleSlope))
	}
	return h.checkGeometry()
}

func (h Header) checkGeometry() error {
	if s := h.PixelSpacing; s != nil && (len(s) != 2 || s[0] <= 0 || s[1] <= 0) {
		return fmt.Errorf("%s is %v; want two numbers above 0", name(tag.PixelSpacing), s)
	}
	if h.Position != nil && len(h.Position) != 3 {
		return fmt.Errorf("%s has %d numbers; want 3", name(tag.ImagePositionPatient), len(h.Position))
	}
	if h.Orientation != nil && len(h.Orientation) != 6 {
		return fmt.Errorf("%s has %d numbers; want 6", name(tag.ImageOrientationPatient), len(h.Orientation))
	}
	return nil
}

// name is how messages name an element: "Rows (0028,0010)".
func name(t tag.Tag) string {
	info, err := tag.Find(t)
	if err != nil || strings.TrimSpace(info.Keyword) == "" {
		return t.String()
	}
	return info.Keyword + " " + t.String()
}
