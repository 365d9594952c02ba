// Package dicom reads single-frame DICOM images as numbers with a meaning. It
// stands on github.com/suyashkumar/dicom and turns whatever that meets in a
// broken file into an error that names file and tag.
package dicom

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// Header is what the runner needs of a file's tags.
type Header struct {
	Rows, Columns       int
	BitsAllocated       int
	BitsStored          int
	Signed              bool // PixelRepresentation 1
	Samples             int  // SamplesPerPixel
	Frames              int
	Photometric         string // "MONOCHROME2"
	TransferSyntax      string // its UID
	Slope, Intercept    float64
	RowSpacing          float64 // mm between rows; 0 when the file does not say
	ColumnSpacing       float64 // mm between columns; 0 when the file does not say
	InstanceNumber      int
	PatientID           string
	Position            []float64 // ImagePositionPatient, mm; nil when absent
	Orientation         []float64 // ImageOrientationPatient; nil when absent
	WindowCenter, Width []float64
}

// ReadHeader reads a file's tags without its pixels.
func ReadHeader(path string) (Header, error) {
	set, err := parse(path, dicom.SkipPixelData())
	if err != nil {
		return Header{}, err
	}
	return header(path, set)
}

// parse reads a file; the library's panics on broken files become errors.
func parse(path string, option dicom.ParseOption) (set dicom.Dataset, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: broken DICOM file: %v", path, p)
		}
	}()
	info, err := os.Stat(path)
	if err != nil {
		return set, err
	}
	if info.Size() < 132 {
		return set, fmt.Errorf("%s: %d bytes are too few for a DICOM file", path, info.Size())
	}
	set, err = dicom.ParseFile(path, nil, option, dicom.AllowMissingMetaElementGroupLength(), dicom.AllowUnknownSpecificCharacterSet())
	if err != nil {
		return set, fmt.Errorf("%s: broken or no DICOM file: %w", path, err)
	}
	return set, nil
}

func header(path string, set dicom.Dataset) (Header, error) {
	r := tags{set: set}
	h := Header{
		Rows: r.whole(tag.Rows), Columns: r.whole(tag.Columns),
		BitsAllocated: r.whole(tag.BitsAllocated), BitsStored: r.whole(tag.BitsStored),
		Photometric: r.text(tag.PhotometricInterpretation), TransferSyntax: r.text(tag.TransferSyntaxUID),
	}
	if len(r.missing) > 0 {
		return h, fmt.Errorf("%s: the tag %s is missing", path, strings.Join(r.missing, ", "))
	}
	h.Signed = r.wholeOr(tag.PixelRepresentation, 0) == 1
	h.Samples = r.wholeOr(tag.SamplesPerPixel, 1)
	h.Frames = r.wholeOr(tag.NumberOfFrames, 1)
	h.Slope = r.numberOr(tag.RescaleSlope, 1)
	h.Intercept = r.numberOr(tag.RescaleIntercept, 0)
	h.InstanceNumber = r.wholeOr(tag.InstanceNumber, 0)
	h.PatientID = r.textOr(tag.PatientID)
	h.Position, h.Orientation = r.numbers(tag.ImagePositionPatient), r.numbers(tag.ImageOrientationPatient)
	h.WindowCenter, h.Width = r.numbers(tag.WindowCenter), r.numbers(tag.WindowWidth)
	if s := r.numbers(tag.PixelSpacing); len(s) == 2 {
		h.RowSpacing, h.ColumnSpacing = s[0], s[1]
	}
	return h, h.check(path)
}

// check refuses what cannot be an image of one grey frame.
func (h Header) check(path string) error {
	switch {
	case h.Rows < 1 || h.Columns < 1 || h.Rows > 65535 || h.Columns > 65535:
		return fmt.Errorf("%s: Rows %d and Columns %d; want 1 to 65535", path, h.Rows, h.Columns)
	case h.BitsAllocated != 8 && h.BitsAllocated != 16:
		return fmt.Errorf("%s: BitsAllocated %d; 8 and 16 are read", path, h.BitsAllocated)
	case h.BitsStored < 1 || h.BitsStored > h.BitsAllocated:
		return fmt.Errorf("%s: BitsStored %d with BitsAllocated %d", path, h.BitsStored, h.BitsAllocated)
	case h.Samples != 1 || !strings.HasPrefix(h.Photometric, "MONOCHROME"):
		return fmt.Errorf("%s: PhotometricInterpretation %s with %d samples; grey images are read", path, h.Photometric, h.Samples)
	case h.Frames != 1:
		return fmt.Errorf("%s: NumberOfFrames %d; single frames are read", path, h.Frames)
	}
	return nil
}

// tags reads elements by tag and remembers which were not there.
type tags struct {
	set     dicom.Dataset
	missing []string
}

func (r *tags) find(t tag.Tag) (any, bool) {
	e, err := r.set.FindElementByTag(t)
	if err != nil || e.Value == nil {
		return nil, false
	}
	return e.Value.GetValue(), true
}

func (r *tags) text(t tag.Tag) string {
	v := r.textOr(t)
	if v == "" {
		r.lack(t)
	}
	return v
}

func (r *tags) lack(t tag.Tag) {
	name := t.String()
	if info, err := tag.Find(t); err == nil {
		name = info.Keyword + " " + name
	}
	r.missing = append(r.missing, name)
}

func (r *tags) textOr(t tag.Tag) string {
	v, _ := r.find(t)
	if s, ok := v.([]string); ok && len(s) > 0 {
		return strings.Trim(s[0], " \x00")
	}
	return ""
}

func (r *tags) whole(t tag.Tag) int {
	v := r.wholeOr(t, -1)
	if v < 0 {
		r.lack(t)
	}
	return v
}

func (r *tags) wholeOr(t tag.Tag, absent int) int {
	v, _ := r.find(t)
	if n, ok := v.([]int); ok && len(n) > 0 {
		return n[0]
	}
	if n, err := strconv.Atoi(r.textOr(t)); err == nil {
		return n
	}
	return absent
}

func (r *tags) numberOr(t tag.Tag, absent float64) float64 {
	if v := r.numbers(t); len(v) > 0 {
		return v[0]
	}
	return absent
}

// numbers reads a decimal string (VR DS) of one or more values, or floats.
func (r *tags) numbers(t tag.Tag) []float64 {
	v, _ := r.find(t)
	switch v := v.(type) {
	case []float64:
		return v
	case []string:
		var out []float64
		for _, s := range v {
			f, err := strconv.ParseFloat(strings.Trim(s, " \x00"), 64)
			if err != nil {
				return nil
			}
			out = append(out, f)
		}
		return out
	}
	return nil
}
