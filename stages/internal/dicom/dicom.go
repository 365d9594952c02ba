// Package dicom reads DICOM images as grey numbers with a meaning, whatever the
// transfer syntax, and orders the slices of a series by where they lie in the
// patient. It looks for the few elements that are needed itself, never trusting a
// length; names of elements and character sets are those of
// github.com/suyashkumar/dicom; compressed frames are decoded by package codec.
package dicom

import (
	"io"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// Header is what the runner needs of a file's elements. A slice is nil where
// the file does not have the element, or leaves it empty.
type Header struct {
	TransferSyntax      string // its UID
	Rows, Columns       int
	BitsAllocated       int  // 8, 16 or 32
	BitsStored          int  // 1 to BitsAllocated
	HighBit             int  // the highest stored bit; BitsStored−1 when absent
	Signed              bool // PixelRepresentation 1; false when absent
	Samples             int  // SamplesPerPixel, 1 or 3; 1 when absent
	Planar              int  // PlanarConfiguration: 1 has colour by colour; 0 when absent
	Frames              int  // NumberOfFrames; 1 when absent. Of several, Frame tells them apart
	Photometric         string
	Slope, Intercept    float64   // modality value = stored·Slope + Intercept; 1 and 0 when absent
	Padding             *Padding  // values that are no image; nil when absent
	PixelSpacing        []float64 // mm between rows, mm between columns; see spacing
	AtDetector          bool      // PixelSpacing is that of the detector or of the scanned film
	Position            []float64 // ImagePositionPatient: x, y, z of the first pixel, mm
	Orientation         []float64 // ImageOrientationPatient: six direction cosines
	SliceThickness      float64   // mm; 0 when absent
	SpacingBetween      float64   // SpacingBetweenSlices, mm; 0 when absent
	WindowCenter, Width []float64 // may hold several windows
	WindowFunction      string    // VOILUTFunction: LINEAR, LINEAR_EXACT, SIGMOID or "", which is LINEAR
	InstanceNumber      *int      // nil when absent
	PatientID           string
	StudyUID, SeriesUID string
	InstanceUID         string // SOPInstanceUID
	ModalityName        string // Modality: "MR"
	SeriesDescription   string
	Accession           string // AccessionNumber, of the order in the radiology information system
	View                string // ViewPosition of a projection: "PA"
	Lossy               bool   // LossyImageCompression 01: the pixels once went through a lossy codec

	Said Said // what elements say that are described

	// For the search for what identifies a patient; the values are not kept.
	BurnedIn    string   // BurnedInAnnotation: YES, NO or ""
	Identifying []string // keywords of those elements of PS3.15, table E.1-1, that hold something
	Private     int      // how many private elements there are, their creators not counted

	FileSize int64 // bytes

	path    string
	size    int64 // bytes that places in the file count on; of a deflated file, inflated
	pixels  place
	palette palette
	lookup  palette // of stored values to modality values; empty where slope and intercept say it
	groups  *frameGroups

	shownBy     []lookup // tables that say how the image is to be shown
	windowFault error    // why its windows cannot be read
}

// Padding is a range of stored values that mean "no image here"
// (PixelPaddingValue and PixelPaddingRangeLimit), as Stored.Values has them.
type Padding struct{ Low, High int32 }

// ReadHeader reads a file's elements up to the pixels. A header whose pixels
// cannot be used is no error here: see Header.CheckPixels.
func ReadHeader(path string) (h Header, err error) {
	err = opened(path, false, func(s *source) error {
		h, err = readHeader(path, s)
		return err
	})
	return h, err
}

// ReadHeaderOf is ReadHeader of an open file of a size; the path is for messages.
func ReadHeaderOf(path string, file io.ReaderAt, size int64) (Header, error) {
	s := &source{file: file, size: size}
	defer s.borrow()()
	return readHeader(path, s)
}

func readHeader(path string, s *source) (Header, error) {
	fileSize := s.size
	found, err := scan(s)
	if err != nil {
		return Header{}, in(path, err)
	}
	t := &tags{elements: found.elements, order: found.order}
	if !found.pixels.found && !t.has(tag.Rows) {
		return Header{}, in(path, NoImage{t.text(tag.Modality)})
	}
	h := t.header()
	h.path, h.FileSize, h.size = path, fileSize, s.size
	h.groups, h.shownBy = found.groups, found.shownBy
	h.pixels, h.TransferSyntax, h.Identifying, h.Private = found.pixels, found.syntax, found.identifying, found.private
	if t.err == nil {
		t.err = h.check()
	}
	if t.err == nil && h.Photometric == "PALETTE COLOR" {
		h.palette, t.err = t.palette(found, h.Signed)
	}
	if t.err == nil && (h.Photometric == "MONOCHROME1" || h.Photometric == "MONOCHROME2") {
		t.err = h.modality(s, found)
	}
	if t.err != nil {
		return Header{}, in(path, t.err)
	}
	if h.Frames == 1 {
		return h.Frame(0)
	}
	return h, nil
}

func (t *tags) header() Header {
	h := Header{
		Rows: t.whole(tag.Rows), Columns: t.whole(tag.Columns),
		BitsAllocated: t.whole(tag.BitsAllocated), BitsStored: t.whole(tag.BitsStored),
		Signed:  t.wholeOr(tag.PixelRepresentation, 0) == 1,
		Samples: t.wholeOr(tag.SamplesPerPixel, 1), Planar: t.wholeOr(tag.PlanarConfiguration, 0),
		Frames:      t.wholeOr(tag.NumberOfFrames, 1),
		Photometric: t.text(tag.PhotometricInterpretation), PatientID: t.text(tag.PatientID),
		StudyUID: t.text(tag.StudyInstanceUID), SeriesUID: t.text(tag.SeriesInstanceUID), InstanceUID: t.text(tag.SOPInstanceUID),
		ModalityName: t.text(tag.Modality), SeriesDescription: t.text(tag.SeriesDescription),
		Accession: t.text(tag.AccessionNumber), View: t.text(tag.ViewPosition),
		BurnedIn: t.text(tag.BurnedInAnnotation), Lossy: t.text(tag.LossyImageCompression) == "01",
		Slope: t.numberOr(tag.RescaleSlope, 1), Intercept: t.numberOr(tag.RescaleIntercept, 0),
		Position: t.numbers(tag.ImagePositionPatient), Orientation: t.numbers(tag.ImageOrientationPatient),
		SliceThickness: t.numberOr(tag.SliceThickness, 0), SpacingBetween: t.numberOr(tag.SpacingBetweenSlices, 0),
	}
	h.PixelSpacing, h.AtDetector = t.spacing()
	h.WindowCenter, h.Width, h.WindowFunction, h.windowFault = t.windows()
	if h.Frames == 0 { // of files that mean one
		h.Frames = 1
	}
	h.Said = t.said()
	h.HighBit = t.wholeOr(tag.HighBit, h.BitsStored-1)
	if t.has(tag.InstanceNumber) {
		n := t.whole(tag.InstanceNumber)
		h.InstanceNumber = &n
	}
	if t.has(tag.PixelPaddingValue) {
		first := t.whole(tag.PixelPaddingValue)
		h.Padding = h.padding(first, t.wholeOr(tag.PixelPaddingRangeLimit, first))
	}
	return h
}

// padding gives values as Stored has them: with their sign, which an implicit
// file does not tell, and turned round for MONOCHROME1.
func (h Header) padding(a, b int) *Padding {
	if h.Signed && h.BitsAllocated <= 16 {
		a, b = int(int16(a)), int(int16(b))
	}
	p := Padding{int32(min(a, b)), int32(max(a, b))}
	if h.Photometric == "MONOCHROME1" && h.BitsStored >= 1 && h.BitsStored <= 32 {
		low, high := h.Range()
		p = Padding{low + high - p.High, low + high - p.Low}
	}
	return &p
}

// colours are the photometric interpretations (PS3.3, C.7.6.3.1.2) that are
// read, and the samples per pixel that they have.
var colours = map[string]int{
	"MONOCHROME1": 1, "MONOCHROME2": 1, "PALETTE COLOR": 1,
	"RGB": 3, "YBR_FULL": 3, "YBR_FULL_422": 3, "YBR_PARTIAL_420": 3, "YBR_ICT": 3, "YBR_RCT": 3,
}

// check refuses what cannot be an image.
func (h Header) check() error {
	samples, known := colours[h.Photometric]
	switch {
	case h.Rows < 1 || h.Rows > 65535:
		return bad(tag.Rows, "is %d; want 1 to 65535", h.Rows)
	case h.Columns < 1 || h.Columns > 65535:
		return bad(tag.Columns, "is %d; want 1 to 65535", h.Columns)
	case h.BitsAllocated != 8 && h.BitsAllocated != 16 && h.BitsAllocated != 32:
		return bad(tag.BitsAllocated, "is %d; 8, 16 and 32 are read", h.BitsAllocated)
	case h.BitsStored < 1 || h.BitsStored > h.BitsAllocated:
		return bad(tag.BitsStored, "is %d, with BitsAllocated %d", h.BitsStored, h.BitsAllocated)
	case h.BitsStored == 32 && !h.Signed:
		return bad(tag.BitsStored, "is 32 without a sign; up to 31 are read")
	case h.HighBit < h.BitsStored-1 || h.HighBit >= h.BitsAllocated:
		return bad(tag.HighBit, "is %d, with BitsStored %d and BitsAllocated %d", h.HighBit, h.BitsStored, h.BitsAllocated)
	case !known:
		return bad(tag.PhotometricInterpretation, "is %q; MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB and YBR are read", h.Photometric)
	case h.Samples != samples:
		return bad(tag.SamplesPerPixel, "is %d; %s has %d", h.Samples, h.Photometric, samples)
	case h.Planar != 0 && h.Planar != 1:
		return bad(tag.PlanarConfiguration, "is %d; want 0 or 1", h.Planar)
	case h.Frames < 1 || h.Frames > 1<<20:
		return bad(tag.NumberOfFrames, "is %d; want 1 to %d", h.Frames, 1<<20)
	case h.Slope == 0:
		return bad(tag.RescaleSlope, "is 0: every pixel would be the same")
	}
	return h.checkGeometry()
}

func (h Header) checkGeometry() error {
	if h.Position != nil && len(h.Position) != 3 {
		return bad(tag.ImagePositionPatient, "has %d numbers; want 3", len(h.Position))
	}
	if h.Orientation != nil && len(h.Orientation) != 6 {
		return bad(tag.ImageOrientationPatient, "has %d numbers; want 6", len(h.Orientation))
	}
	return nil
}
