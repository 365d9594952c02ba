package dicom

import (
	"encoding/binary"
	"errors"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// wanted are the elements that a Header is made of, with the value representation
// that an implicit file leaves unsaid. Everything else is passed over by its length
// alone.
var wanted = map[tag.Tag]string{
	tag.SpecificCharacterSet: "CS", tag.SOPInstanceUID: "UI", tag.Modality: "CS", tag.SeriesDescription: "LO",
	tag.PatientID: "LO", tag.StudyInstanceUID: "UI", tag.SeriesInstanceUID: "UI",
	tag.AccessionNumber: "SH", tag.ViewPosition: "CS",
	tag.InstanceNumber: "IS", tag.ImagePositionPatient: "DS", tag.ImageOrientationPatient: "DS",
	tag.SliceThickness: "DS", tag.SpacingBetweenSlices: "DS",
	tag.SamplesPerPixel: "US", tag.PhotometricInterpretation: "CS", tag.PlanarConfiguration: "US",
	tag.NumberOfFrames: "IS", tag.Rows: "US", tag.Columns: "US",
	tag.PixelSpacing: "DS", tag.BitsAllocated: "US", tag.BitsStored: "US", tag.HighBit: "US", tag.PixelRepresentation: "US",
	tag.PixelPaddingValue: "US", tag.PixelPaddingRangeLimit: "US", tag.BurnedInAnnotation: "CS", tag.LossyImageCompression: "CS",
	tag.ImagerPixelSpacing: "DS", tag.NominalScannedPixelSpacing: "DS", tag.EstimatedRadiographicMagnificationFactor: "DS",
	tag.WindowCenter: "DS", tag.WindowWidth: "DS", tag.VOILUTFunction: "CS", tag.RescaleIntercept: "DS", tag.RescaleSlope: "DS",
	tag.RedPaletteColorLookupTableDescriptor: "US", tag.GreenPaletteColorLookupTableDescriptor: "US",
	tag.BluePaletteColorLookupTableDescriptor: "US",
}

// identifying are elements of PS3.15, table E.1-1, that name a person or a place.
// PatientID is not among them: it is what patients are told apart by.
var identifying = map[tag.Tag]bool{
	tag.PatientName: true, tag.PatientBirthDate: true, tag.PatientBirthTime: true, tag.PatientAddress: true,
	tag.PatientTelephoneNumbers: true, tag.OtherPatientIDs: true, tag.OtherPatientNames: true, tag.PatientBirthName: true,
	tag.PatientMotherBirthName: true, tag.MilitaryRank: true, tag.InsurancePlanIdentification: true,
	tag.ReferringPhysicianName: true, tag.PerformingPhysicianName: true, tag.NameOfPhysiciansReadingStudy: true,
	tag.PhysiciansOfRecord: true, tag.RequestingPhysician: true, tag.OperatorsName: true,
	tag.InstitutionName: true, tag.InstitutionAddress: true, tag.InstitutionalDepartmentName: true,
	tag.AccessionNumber: true, tag.AdditionalPatientHistory: true, tag.PatientComments: true,
}

const (
	usual        = 32      // wanted elements of a file
	longestValue = 4096    // bytes of a wanted element; real ones have under 100
	longestTable = 2 << 16 // bytes of a palette
	deepest      = 32      // sequences within sequences
	undefined    = 0xffffffff
	mark         = "DICM"
	metaStart    = 128 + len(mark) // behind the preamble
)

// Is says whether a file begins as DICOM files do (PS3.10, 7.1), of which it wants 132
// bytes. It goes before what other formats are known by: the first 128 bytes are free, and
// scanners write the beginning of a TIFF file there, so that programs for those open theirs.
func Is(start []byte) bool {
	return len(start) >= metaStart && string(start[metaStart-len(mark):metaStart]) == mark
}

// bare says whether a file begins with an element as data sets do, or the meta information:
// archives before PS3.10, and programs for radiotherapy, store these alone.
func bare(start []byte) bool {
	if len(start) < 8 {
		return false
	}
	group, length := binary.LittleEndian.Uint16(start), binary.LittleEndian.Uint32(start[4:])
	return (group == 2 || group == 8) && (capitals(start[4:6]) || length <= 64)
}

// place is where the value of an element lies in the file.
type place struct {
	at        int64
	length    int64 // −1: undefined, the pixels are encapsulated
	vr        string
	found     bool
	fragments []fragment // of encapsulated pixels, after the table of offsets
	offsets   fragment   // that table
	broken    error      // why the fragments end where they do not end
}

// fragment is a piece of encapsulated pixels: its item begins at from, and its
// bytes at at.
type fragment struct{ from, at, length int64 }

// scanned is what one pass over a file's elements found.
type scanned struct {
	syntax      string // transfer syntax UID
	order       binary.ByteOrder
	elements    []kept // the wanted ones, in the order of the file
	tables      map[tag.Tag][]byte
	pixels      place
	identifying []string
	private     int
	groups      *frameGroups // nil when the file is not enhanced
	lookups     []lookup     // of ModalityLUTSequence
	shownBy     []lookup     // of VOILUTSequence
}

// scan walks over the elements up to PixelData. It holds every length against
// what is left of the file before anything is read or made by it, since the
// library makes a buffer of whatever length a file claims, and goes as deep as
// a file nests.
func scan(s *source) (scanned, error) {
	w := &walker{source: s, order: binary.LittleEndian}
	start, err := w.read(0, min(int64(metaStart), w.size))
	switch {
	case w.size == 0:
		return scanned{}, errors.New("the file is empty")
	case err != nil || !Is(start) && !bare(start):
		return scanned{}, ErrNotDICOM
	}
	out := scanned{elements: make([]kept, 0, usual)}
	at := int64(metaStart)
	if !Is(start) {
		at = 0
	}
	at, err = w.meta(at, &out)
	if err != nil {
		return out, err
	}
	if err := w.use(out.syntax, at); err != nil {
		return out, err
	}
	out.order = w.order
	for at < w.size && !out.pixels.found {
		e, err := w.element(at)
		if err != nil {
			return out, err
		}
		if at, err = w.take(&out, e); err != nil {
			return out, err
		}
	}
	return out, nil
}

// take takes what is wanted of an element, and gives where the next one begins; behind the pixels
// nobody looks.
func (w *walker) take(out *scanned, e header) (int64, error) {
	sequence := e.vr == "SQ" || e.vr == ""
	switch into := out.tablesOf(e.tag); {
	case e.tag == tag.PixelData:
		out.pixels = place{at: e.value, length: e.length, vr: e.vr, found: true}
		if e.length < 0 {
			w.fragments(&out.pixels)
		}
		return w.size, nil
	case isFunctional(e.tag) && sequence:
		return w.functional(out, e)
	case into != nil && sequence:
		return w.lookups(into, e)
	}
	if err := w.keep(out, e); err != nil {
		return 0, err
	}
	return w.end(e, w.implicit, 0)
}

// tablesOf is where the tables of a sequence go; nil for what holds none.
func (s *scanned) tablesOf(at tag.Tag) *[]lookup {
	switch at {
	case tag.ModalityLUTSequence:
		return &s.lookups
	case tag.VOILUTSequence:
		return &s.shownBy
	}
	return nil
}

// keep takes what is wanted of an element.
func (w *walker) keep(out *scanned, e header) error {
	e.vr = e.known()
	vr, isWanted := wanted[e.tag]
	if identifying[e.tag] && e.length != 0 {
		if info, err := tag.Find(e.tag); err == nil {
			out.identifying = append(out.identifying, info.Keyword)
		}
	}
	switch {
	case isWanted && keywordsOf[e.tag] != "" && (e.length < 0 || e.length > longestValue || e.vr != "" && isLong(e.vr)):
		return nil
	case isWanted:
		raw, err := w.copy(e)
		if err != nil {
			return err
		}
		if e.vr != "" {
			vr = e.vr
		}
		out.elements = append(out.elements, kept{e.tag, vr, raw})
	case isTable(e.tag) && e.length >= 0:
		if e.length > longestTable {
			return bad(e.tag, "has %d bytes; %d are the most", e.length, longestTable)
		}
		raw, err := w.read(e.value, e.length)
		if err != nil {
			return bad(e.tag, "%w", err)
		}
		if out.tables == nil {
			out.tables = map[tag.Tag][]byte{}
		}
		out.tables[e.tag] = append([]byte(nil), raw...)
	case e.tag.Group%2 == 1 && e.tag.Element >= 0x1000:
		out.private++
	}
	return nil
}

// fragments finds the pieces of encapsulated pixels (PS3.5, A.4). What is wrong
// with them is kept for who wants the pixels.
func (w *walker) fragments(p *place) {
	at := p.at
	for first := true; ; first = false {
		item, err := w.element(at)
		switch {
		case err != nil:
			p.broken = bad(tag.PixelData, "is cut off within its fragments: %w", err)
			return
		case item.tag == tag.SequenceDelimitationItem:
			return
		case item.tag != tag.Item || item.length < 0:
			p.broken = bad(tag.PixelData, "holds %s where a fragment must be", name(item.tag))
			return
		case item.length > w.size-item.value:
			p.broken = bad(tag.PixelData, "is cut off: a fragment claims %d bytes, %d are left", item.length, w.size-item.value)
			return
		}
		if f := (fragment{at, item.value, item.length}); first {
			p.offsets = f
		} else {
			p.fragments = append(p.fragments, f)
		}
		at = item.value + item.length
	}
}
