package dicom

import (
	"encoding/binary"
	"errors"
	"strings"

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
	tag.WindowCenter: "DS", tag.WindowWidth: "DS", tag.RescaleIntercept: "DS", tag.RescaleSlope: "DS",
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
	metaStart    = 128 + 4 // preamble and "DICM"
)

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
}

// scan walks over the elements up to PixelData. It holds every length against
// what is left of the file before anything is read or made by it, since the
// library makes a buffer of whatever length a file claims, and goes as deep as
// a file nests.
func scan(s *source) (scanned, error) {
	w := &walker{source: s, order: binary.LittleEndian}
	mark, err := w.read(128, 4)
	switch {
	case w.size == 0:
		return scanned{}, errors.New("the file is empty")
	case err != nil || string(mark) != "DICM":
		return scanned{}, errors.New(`no DICOM file ("DICM" is not at byte 128), and no NIfTI, PNG, JPEG or TIFF`)
	}
	out := scanned{elements: make([]kept, 0, usual)}
	at, err := w.meta(&out)
	if err != nil {
		return out, err
	}
	if err := w.use(out.syntax, at); err != nil {
		return out, err
	}
	out.order = w.order
	for at < w.size {
		e, err := w.element(at)
		if err != nil {
			return out, err
		}
		if e.tag == tag.PixelData {
			out.pixels = place{at: e.value, length: e.length, vr: e.vr, found: true}
			if e.length < 0 {
				w.fragments(&out.pixels)
			}
			return out, nil
		}
		if isFunctional(e.tag) && (e.vr == "SQ" || e.vr == "") {
			if at, err = w.functional(&out, e); err != nil {
				return out, err
			}
			continue
		}
		if err := w.keep(&out, e); err != nil {
			return out, err
		}
		if at, err = w.end(e, w.implicit, 0); err != nil {
			return out, err
		}
	}
	return out, nil
}

// keep takes what is wanted of an element.
func (w *walker) keep(out *scanned, e header) error {
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

// walker reads element headers; elements lie one after the other.
type walker struct {
	*source
	order    binary.ByteOrder
	implicit bool
}

// header is an element without its value. Its length is what the file claims.
type header struct {
	tag    tag.Tag
	vr     string // "" where the syntax is implicit
	value  int64  // where the value begins
	length int64  // −1 when undefined
}

// meta walks the file meta information, which always is explicit and little
// endian (PS3.10, 7.1), and finds the transfer syntax.
func (w *walker) meta(out *scanned) (int64, error) {
	at := int64(metaStart)
	for at+2 <= w.size {
		group, err := w.read(at, 2)
		if err != nil {
			return 0, err
		}
		if binary.LittleEndian.Uint16(group) != 2 {
			break
		}
		e, err := w.element(at)
		if err != nil {
			return 0, err
		}
		if e.tag == tag.TransferSyntaxUID {
			raw, err := w.copy(e)
			if err != nil {
				return 0, err
			}
			out.syntax = strings.Trim(string(raw), " \x00")
		}
		if at, err = w.end(e, false, 0); err != nil {
			return 0, err
		}
	}
	if out.syntax == "" {
		return 0, bad(tag.TransferSyntaxUID, "is missing")
	}
	return at, nil
}

// use prepares for the elements after the meta information, which begin at a
// place. All compressed syntaxes have them explicit and little endian.
func (w *walker) use(syntax string, at int64) error {
	switch syntax {
	case implicitLittle:
		w.implicit = true
	case explicitBig:
		w.order = binary.BigEndian
	case deflatedLittle:
		return w.inflate(at)
	}
	return nil
}

// representations are all in one text, so that reading one makes none.
const representations = "AEASATCSDADSDTFLFDISLOLTOBODOFOLOVOWPNSHSLSQSSSTSVTMUCUIULUNURUSUTUV"

func representation(b []byte) string {
	for i := 0; i < len(representations); i += 2 {
		if representations[i] == b[0] && representations[i+1] == b[1] {
			return representations[i : i+2]
		}
	}
	return string(b)
}

// isLong tells the value representations whose length has 32 bits (PS3.5, 7.1.2).
func isLong(vr string) bool {
	switch vr {
	case "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV":
		return true
	}
	return false
}

// element reads the header of the element at a place.
func (w *walker) element(at int64) (header, error) {
	b, err := w.read(at, 8)
	if err != nil {
		return header{}, err
	}
	e := header{tag: tag.Tag{Group: w.order.Uint16(b), Element: w.order.Uint16(b[2:])}, value: at + 8}
	length := w.order.Uint32(b[4:])
	if !w.implicit && e.tag.Group != tag.GroupSeqItem {
		e.vr = representation(b[4:6])
		length = uint32(w.order.Uint16(b[6:]))
		if e.vr[0] < 'A' || e.vr[0] > 'Z' || e.vr[1] < 'A' || e.vr[1] > 'Z' {
			return e, bad(e.tag, "at byte %d has no value representation but %q", at, e.vr)
		}
		if isLong(e.vr) {
			if b, err = w.read(at+8, 4); err != nil {
				return e, err
			}
			length, e.value = w.order.Uint32(b), at+12
		}
	}
	e.length = int64(length)
	if length == undefined {
		e.length = -1
	}
	return e, nil
}

// copy gives the value of a wanted element; of a file in memory it is no copy.
func (w *walker) copy(e header) ([]byte, error) {
	if e.length < 0 || e.length > longestValue || e.vr != "" && isLong(e.vr) {
		return nil, bad(e.tag, "has %d bytes of type %q", e.length, e.vr)
	}
	b, err := w.read(e.value, e.length)
	if err != nil {
		return nil, bad(e.tag, "%w", err)
	}
	if w.whole() {
		return b, nil
	}
	return append([]byte(nil), b...), nil
}

// end gives where the next element begins. A value of undefined length is a
// sequence: its items are walked. One of type UN then is implicit and little
// endian, whatever the file is (PS3.5, 6.2.2).
func (w *walker) end(e header, implicit bool, depth int) (int64, error) {
	if e.length >= 0 {
		if e.length > w.size-e.value {
			return 0, bad(e.tag, "claims %d bytes, the file has %d left", e.length, w.size-e.value)
		}
		return e.value + e.length, nil
	}
	if depth >= deepest {
		return 0, bad(e.tag, "lies more than %d sequences deep", deepest)
	}
	order := w.order
	defer func() { w.implicit, w.order = implicit, order }()
	if e.vr == "UN" {
		w.implicit, w.order = true, binary.LittleEndian
	}
	return w.items(e, depth)
}

// items walks a sequence of undefined length to its delimiter.
func (w *walker) items(e header, depth int) (int64, error) {
	at := e.value
	for {
		item, err := w.element(at)
		if err != nil {
			return 0, err
		}
		switch {
		case item.tag == tag.SequenceDelimitationItem:
			return item.value, nil
		case item.tag != tag.Item:
			return 0, bad(e.tag, "holds %s where an item must be", name(item.tag))
		case item.length >= 0:
			at = item.value + item.length
			continue
		}
		if at, err = w.item(item.value, depth); err != nil {
			return 0, err
		}
	}
}

// item walks the elements of an item of undefined length to its delimiter.
func (w *walker) item(at int64, depth int) (int64, error) {
	for {
		e, err := w.element(at)
		if err != nil || e.tag == tag.ItemDelimitationItem {
			return e.value, err
		}
		if at, err = w.end(e, w.implicit, depth+1); err != nil {
			return 0, err
		}
	}
}
